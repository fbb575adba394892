#!/usr/bin/env bash
# Build the Debian package of the device: a virtual environment that sees the system's packages (picamera2), one command.
#   packaging/build_deb.sh bookworm|trixie arm64|amd64 [FOLDER, default dist]      prints the file that it made
# Any Linux with dpkg-deb and pip will do: the wheels of the other processor are only unpacked. COMPRESSION='-Zgzip -z1' is quick.
set -euo pipefail
usage="usage: $(basename "$0") bookworm|trixie arm64|amd64 [FOLDER]"
suite=${1:?$usage} arch=${2:?$usage} out=$(realpath -m "${3:-dist}")
case $suite in
  bookworm) python=3.11 next=3.12 release=12 ;;
  trixie) python=3.13 next=3.14 release=13 ;;
  *) echo "expected bookworm or trixie, found $suite" >&2; exit 2 ;;
esac
case $arch in
  arm64) machine=aarch64 ;;
  amd64) machine=x86_64 ;;
  *) echo "expected arm64 or amd64, found $arch" >&2; exit 2 ;;
esac
here=$(dirname "$(realpath "$0")") checkout=$(realpath "$(dirname "$0")/..")
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$checkout/edge_runtime/__init__.py")+deb$release
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$checkout" log -1 --format=%ct 2>/dev/null || date +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root home=$work/root/usr/lib/cancernet-edge
site=$home/lib/python$python/site-packages

# the program and what it needs, as wheels of that processor and Python
cp -r "$checkout/edge_runtime" "$checkout/pyproject.toml" "$checkout/README.md" "$checkout/LICENSE" "$work/"
"${PYTHON:-python3}" -m pip wheel -q --disable-pip-version-check --no-deps -w "$work/own" "$work"
platforms=()
for glibc in 2_17 2_27 2_28 2_34; do platforms+=(--platform "manylinux_${glibc}_$machine"); done
"${PYTHON:-python3}" -m pip install -q --disable-pip-version-check --no-deps --no-compile --only-binary=:all: \
  --implementation cp --python-version "$python" "${platforms[@]}" --platform "manylinux2014_$machine" --platform any \
  --target "$site" -r "$here/$suite.txt" "$work"/own/*.whl
rm -rf "$site/bin"
rm -rf "$site"/ai_edge_litert/{vendors,tools,libLiteRtWebGpuAccelerator.so} # other processors' compilers, a GPU's 19 MB
find "$site/fontTools" \( -name '*.so' -o -name '*.c' \) -delete # each has its twin in Python, 20 MB less
find "$site/pyphen/dictionaries" -type f ! -name '*hyph_en*' -delete
find "$site" -depth -type d \( -name tests -o -name __pycache__ \) -exec rm -rf {} +

# the environment around them
mkdir -p "$home/bin" "$root/usr/bin"
ln -s "../../../bin/python$python" "$home/bin/python3"
printf 'home = /usr/bin\ninclude-system-site-packages = true\nversion = %s\n' "$python" >"$home/pyvenv.cfg"
install -m 755 "$here/debian/cancernet" "$root/usr/bin/cancernet"

# what Debian wants beside them
doc=$root/usr/share/doc/cancernet-edge
install -D -m 644 "$here/debian/copyright" "$doc/copyright"
install -D -m 644 "$here/debian/lintian-overrides" "$root/usr/share/lintian/overrides/cancernet-edge"
install -D -m 644 "$here/debian/cancernet.1" "$root/usr/share/man/man1/cancernet.1"
install -m 644 "$checkout/docs/pi.md" "$doc/pi.md"
{
  echo "cancernet-edge ($version) $suite; urgency=medium"
  printf '\n  * See CHANGELOG.md of the project.\n\n'
  echo " -- $(sed -n 's/^Maintainer: //p' "$here/debian/control")  $(date -u -R -d "@$SOURCE_DATE_EPOCH")"
} >"$doc/changelog"
gzip -9n "$doc/changelog" "$root/usr/share/man/man1/cancernet.1"
find "$root" -type f ! -path '*/usr/bin/*' -exec chmod 644 {} +
find "$root" -type d -exec chmod 755 {} +

mkdir -p "$root/DEBIAN"
size=$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/; s/@PYTHON@/$python/g; s/@NEXT@/$next/" \
  "$here/debian/control" >"$root/DEBIAN/control"
for script in postinst prerm; do
  sed "s/@PYTHON@/$python/g" "$here/debian/$script" >"$root/DEBIAN/$script"
  chmod 755 "$root/DEBIAN/$script"
done
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
file=$out/cancernet-edge_${version}_$arch.deb
dpkg-deb --root-owner-group ${COMPRESSION:--Zxz} -b "$root" "$file" >/dev/null
echo "$file"
