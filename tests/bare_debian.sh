#!/usr/bin/env bash
# Tries the two commands of the README where nothing is installed but git: a bare Debian, from the mirror that this machine's apt uses.
#   tests/bare_debian.sh SUITE FOLDER TIER…    SUITE: bookworm, trixie, …; TIER: of tests/run.sh
# FOLDER keeps the bare system, the packages that were fetched, and ccache's folder between runs. Each run works on a new copy of the bare
# system. Its mounts live in a namespace of their own: they go with this script, whatever happens.
set -euo pipefail
suite=${1:?suite}
folder=$(realpath -m "${2:?folder}")
tiers=("${@:3}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
fail() {
  echo "$suite: $*" >&2
  exit 1
}
[ "$(id -u)" -eq 0 ] || fail "needs root, for debootstrap and chroot"
if [ -z "${TIDEMARK_IN_NAMESPACE:-}" ]; then
  TIDEMARK_IN_NAMESPACE=yes exec unshare --mount --propagation private "${BASH_SOURCE[0]}" "$@"
fi

bare=$folder/bare
if [ ! -f "$folder/made" ]; then
  # shellcheck disable=SC2016  # apt-get expands it
  mirrors=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security)
  mirror=${mirrors%%$'\n'*}
  echo "== making a bare Debian $suite in $folder"
  rm -rf --one-file-system "$bare"
  mkdir -p "$folder"
  debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$bare" "$mirror" >"$folder/debootstrap.log" 2>&1 || {
    tail -n 20 "$folder/debootstrap.log" >&2
    fail "debootstrap failed"
  }
  # The machine's own certificates and proxy, if it has any.
  cp -r /usr/local/share/ca-certificates/. "$bare/usr/local/share/ca-certificates/"
  apt-config dump | grep -i '^Acquire::.*proxy' >"$bare/etc/apt/apt.conf.d/90proxy" || true
  chroot "$bare" update-ca-certificates >/dev/null
  touch "$folder/made"
fi

system=$folder/system
rm -rf --one-file-system "$system"
cp -a --reflink=auto "$bare" "$system"
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
mkdir -p "$folder/archives/partial" "$folder/ccache" "$system/root/.cache/ccache" "$system/src"
for mount in proc sys dev dev/pts; do mount --bind "/$mount" "$system/$mount"; done
mount --bind "$folder/archives" "$system/var/cache/apt/archives"
mount --bind "$folder/ccache" "$system/root/.cache/ccache"
git ls-files --cached --others --exclude-standard | while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
  tar --create --files-from - | tar --extract --directory "$system/src"

inside() {
  chroot "$system" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
inside /src/examples/demo.sh | tee "$folder/demo.log"
tail -n 1 "$folder/demo.log" | grep -q '^demo: exact: ' || fail "the demo is not exact"
inside /src/tests/run.sh "${tiers[@]}"
