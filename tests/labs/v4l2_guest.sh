#!/usr/bin/env bash
# Make what boots a small Linux with a V4L2 camera of its own: Debian's kernel, and an initramfs with its `vivid` driver.
#   v4l2_guest.sh DEST                 makes it (about 20 s, 90 MB)
#   v4l2_guest.sh DEST COMMAND...      boots it under qemu, and runs COMMAND there, in this machine's files, read-only
# Needs (apt): qemu-system-x86, busybox-static, kmod, cpio.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
dest=$(realpath -m "$1")
shift

made_by=$(sha256sum <"$0")
if [ "$(cat "$dest/made-by" 2>/dev/null)" != "$made_by" ]; then
  rm -rf "$dest"
  mkdir -p "$dest/kernel" "$dest/initial/bin"
  kernel() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1; }
  image=$(kernel)
  [ -n "$image" ] || { apt-get update -qq && image=$(kernel); }
  (
    cd "$dest"
    apt-get download -qq "$image" 2>/dev/null || { apt-get update -qq && apt-get download -qq "$image"; }
    dpkg-deb -x "$image"_*.deb kernel && rm -f "$image"_*.deb
  )
  release=$(ls "$dest/kernel/lib/modules")
  depmod -b "$dest/kernel" "$release"
  wanted=$(for name in virtio_pci 9pnet_virtio 9p vivid; do
    modprobe -d "$dest/kernel" -S "$release" --show-depends "$name" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | awk '!seen[$0]++')
  cp "$(command -v busybox)" "$dest/initial/bin/busybox"
  number=100
  for module in $wanted; do
    cp "$module" "$dest/initial/$((number += 1))-$(basename "$module")"
  done
  cat >"$dest/initial/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox --install -s /bin
for module in /[0-9]*.ko; do case $module in *vivid*) insmod $module n_devs=1 node_types=0x1 ;; *) insmod $module ;; esac; done
mkdir -p /proc /host && mount -t proc none /proc
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=262144,cache=loose host /host
mount -t proc none /host/proc && mount -t sysfs none /host/sys && mount -t devtmpfs none /host/dev
mkdir -p /host/dev/shm && chmod 1777 /host/dev/shm
TMPDIR=/dev/shm chroot /host /bin/sh -c "$(sed 's/.* -- //' /proc/cmdline | base64 -d)"
code=$?
echo
echo "EXIT $code"
poweroff -f
INIT
  chmod +x "$dest/initial/init"
  (cd "$dest/initial" && find . | cpio -o -H newc --quiet) | gzip -1 >"$dest/initramfs.part"
  cp "$dest"/kernel/boot/vmlinuz-* "$dest/vmlinuz"
  rm -rf "$dest/kernel" "$dest/initial"
  mv "$dest/initramfs.part" "$dest/initramfs"
  echo "$made_by" >"$dest/made-by"
fi

[ $# -gt 0 ] || exit 0
words=$(printf '%q ' "$@" | base64 -w0)
console=$(mktemp)
trap 'rm -f "$console"' EXIT
qemu-system-x86_64 -M pc -cpu max -m 1024 -smp 1 -nographic -no-reboot -net none \
  -kernel "$dest/vmlinuz" -initrd "$dest/initramfs" \
  -append "console=ttyS0 quiet loglevel=1 panic=-1 no_timer_check mitigations=off random.trust_cpu=on -- $words" \
  -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap -device virtio-9p-pci,fsdev=host,mount_tag=host \
  </dev/null | tr -d '\r' | tee "$console" | grep -v '^EXIT ' || true
exit "$(sed -n 's/^EXIT \([0-9]*\)$/\1/p' "$console" | grep . || echo 1)"
