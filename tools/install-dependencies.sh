#!/usr/bin/env bash
# Installs what tidemark needs and this machine lacks, by the distribution's package manager (Debian 12, Ubuntu 24.04 and newer).
#
#   tools/install-dependencies.sh [GROUP…]     default: build
#
#   build     compiler, CMake, and the libraries that tidemark's usual components and its unit tests use
#   test      tools of the crash and fault tests, ccache, and the libraries of the other components and of single examples
#   servers   Java and Maven for the Kafka broker of the integration tests, and redis-server
#   style     clang-format, clang-tidy, shellcheck
#   demo      what examples/demo.sh uses, besides build
#   bench     what bench/run.sh uses, besides build and servers
#   librdkafka-new  pip, for tests/run.sh librdkafka-new
#   bare-debian  debootstrap, for tests/run.sh debian12 and debian13
#
# Does nothing, quickly, where nothing is missing; needs root or sudo otherwise.
set -euo pipefail

# What each group holds: "command=package" where any program of that name will do, "package" where it is a library.
# With "a|b" the first one that the distribution has is taken.
packages_of() {
  case $1 in
    build) echo g++=g++ cmake=cmake ninja=ninja-build pkg-config=pkg-config patch=patch \
      librdkafka-dev libfmt-dev libboost-dev libsqlite3-dev libhiredis-dev libpq-dev libcli11-dev catch2 ;;
    test) echo strace=strace eatmydata=eatmydata sqlite3=sqlite3 redis-server=redis-server ccache=ccache \
      postgresql pgbouncer=pgbouncer libzookeeper-mt-dev libthrift-dev thrift=thrift-compiler libcurl4-openssl-dev \
      nlohmann-json3-dev libprotobuf-dev protoc=protobuf-compiler ;;
    servers) echo java=default-jre-headless mvn=maven redis-server=redis-server ;;
    style) echo "clang-format-16=clang-format-16|clang-format" "clang-tidy-16=clang-tidy-16|clang-tidy" shellcheck=shellcheck ;;
    demo) echo libcli11-dev sqlite3=sqlite3 gawk=gawk ;;
    bench) echo libcli11-dev libmimalloc-dev libbenchmark-dev javac=default-jdk-headless ;;
    librdkafka-new) echo python3-pip ;;
    bare-debian) echo debootstrap=debootstrap ;;
    *)
      echo "install-dependencies: no group named '$1': build, test, servers, style, demo, bench, librdkafka-new or bare-debian" >&2
      exit 2
      ;;
  esac
}

is_installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Whether one of the alternatives "a|b" of an entry is there, as a command or as a package.
is_there() {
  local entry=$1 alternative
  if [ "${entry%%=*}" != "$entry" ] && command -v "${entry%%=*}" >/dev/null; then return 0; fi
  for alternative in ${2//|/ }; do
    if is_installed "$alternative"; then return 0; fi
  done
  return 1
}

missing=()
[ $# -gt 0 ] || set -- build
entries=()
for group in "$@"; do
  listed=$(packages_of "$group")
  read -ra of_group <<<"$listed"
  entries+=("${of_group[@]}")
done
for entry in "${entries[@]}"; do
  is_there "$entry" "${entry#*=}" || missing+=("${entry#*=}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  {
    echo "install-dependencies: this system has no apt-get. Install the counterparts of these Debian packages by hand:"
    printf '  %s\n' "${missing[@]//|/ or }"
    echo "and pass --no-install to tests/run.sh."
  } >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-dependencies: neither root nor sudo. As root, run: apt-get install ${missing[*]%%|*}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run_apt() {
  if ! apt "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "install-dependencies: apt-get $1 failed, see above" >&2
    exit 1
  fi
}

run_apt update
chosen=()
for alternatives in "${missing[@]}"; do
  pick=${alternatives%%|*}
  for alternative in ${alternatives//|/ }; do
    if apt-cache show "$alternative" >/dev/null 2>&1; then
      pick=$alternative
      break
    fi
  done
  chosen+=("$pick")
done
echo "installing ${chosen[*]}"
run_apt install --no-install-recommends "${chosen[@]}"
