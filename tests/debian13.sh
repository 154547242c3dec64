#!/usr/bin/env bash
# Runs tiers of tests/run.sh in a bare Debian 13, from the mirror that this machine's apt uses.
#   tests/debian13.sh FOLDER TIER…
# FOLDER keeps the system between runs. Its mounts live in a namespace of their own: they go with this script, whatever happens.
set -euo pipefail
folder=$(realpath -m "${1:?folder}")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$(id -u)" -ne 0 ]; then
  echo "debian13: needs root, for debootstrap and chroot" >&2
  exit 1
fi
if [ -z "${TIDEMARK_IN_NAMESPACE:-}" ]; then
  TIDEMARK_IN_NAMESPACE=yes exec unshare --mount --propagation private "${BASH_SOURCE[0]}" "$folder" "$@"
fi

system=$folder/system
if [ ! -f "$folder/made" ]; then
  # shellcheck disable=SC2016  # apt-get expands it
  mirrors=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security)
  mirror=${mirrors%%$'\n'*}
  echo "== making a Debian 13 in $system"
  rm -rf --one-file-system "$system"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include=git,ca-certificates trixie "$system" "$mirror" >"$folder/debootstrap.log" 2>&1 || {
    tail -n 20 "$folder/debootstrap.log" >&2
    echo "debian13: debootstrap failed" >&2
    exit 1
  }
  # The machine's own certificates and proxy, if it has any.
  cp -r /usr/local/share/ca-certificates/. "$system/usr/local/share/ca-certificates/"
  apt-config dump | grep -i '^Acquire::.*proxy' >"$system/etc/apt/apt.conf.d/90proxy" || true
  chroot "$system" update-ca-certificates >/dev/null
  touch "$folder/made"
fi
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
for mount in proc sys dev dev/pts; do mount --bind "/$mount" "$system/$mount"; done
# Sources only: the build folder in there is its own.
mkdir -p "$system/src"
find "$system/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files --cached --others --exclude-standard | while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
  tar --create --files-from - | tar --extract --directory "$system/src"
exec chroot "$system" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  /src/tests/run.sh "$@"
