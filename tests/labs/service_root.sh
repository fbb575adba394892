#!/usr/bin/env bash
# Make a small Debian in which systemd really runs, as process 1 of namespaces of its own, and run a command in it.
#   service_root.sh DEST bookworm|trixie       makes it (about a minute, 300 MB)
#   service_root.sh DEST -- COMMAND...         boots it, runs COMMAND there, switches it off; exit code of COMMAND
# Needs (apt): mmdebstrap; root.
set -euo pipefail
dest=$(realpath -m "$1")
if [ "$2" != -- ]; then
  wanted=systemd,systemd-sysv,dbus,python3
  wanted+=,libpango-1.0-0,libpangoft2-1.0-0,libharfbuzz-subset0,fonts-dejavu-core,python3-pil # what our package recommends
  [ "$(cat "$dest/.ready" 2>/dev/null)" = "$wanted" ] && exit 0
  rm -rf "$dest"
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | head -n 1)
  mmdebstrap -q --variant=minbase --include="$wanted" "$2" "$dest" "deb $mirror $2 main"
  echo "$wanted" >"$dest/.ready"
  exit 0
fi
shift 2

boot() {
  mount --make-rprivate /
  mount --bind "$1" "$1"
  mount -t proc proc "$1/proc"
  mount -t sysfs -o ro sysfs "$1/sys"
  mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
  for name in run tmp dev; do mount -t tmpfs tmpfs "$1/$name"; done
  for name in null zero full random urandom tty; do
    mknod -m 666 "$1/dev/$name" c "0x$(stat -c %t "/dev/$name")" "0x$(stat -c %T "/dev/$name")"
  done
  mkdir -p "$1/dev/pts" "$1/dev/shm" "$1/old"
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
  ln -s pts/ptmx "$1/dev/ptmx"
  mount -t tmpfs tmpfs "$1/dev/shm"
  hostname scope
  cd "$1"
  pivot_root . old
  umount -l /old
  exec env -i container=lxc PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
}
export -f boot
unshare --mount --pid --fork --cgroup --uts --ipc --net --kill-child bash -c 'set -e; boot "$1"' _ "$dest" </dev/null >/dev/null 2>&1 &
outer=$!
init=
trap '[ -z "$init" ] || kill -9 "$init" 2>/dev/null; wait "$outer" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  init=$(cat "/proc/$outer/task/$outer/children" | tr -d ' ')
  [ -n "$init" ] && [ "$(cat "/proc/$init/comm" 2>/dev/null)" = systemd ] && break
  sleep 0.1
done
enter() { nsenter -t "$init" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"; }
for _ in $(seq 300); do # its bus is not there at once
  enter systemctl is-system-running --wait >/dev/null 2>&1 && break
  sleep 0.1
done
enter "$@"
