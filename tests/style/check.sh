#!/usr/bin/env bash
# How tidemark's files are written.
#   check.sh format|tidy|analyze|scripts|rules BUILD_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
check=$1
build=${2:?build folder}
skipped=77
failed=no

# The first of these programs that is there.
program() {
  local name
  for name in "$@"; do
    if command -v "$name"; then return; fi
  done
  echo "skipped: no $1 here" >&2
  exit $skipped
}

if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  echo "skipped: not a git checkout" >&2
  exit $skipped
fi

complain() {
  echo "$1" >&2
  failed=yes
}

case $check in
  format)
    # Other versions format differently.
    formatter=$(program clang-format-16)
    git ls-files -z '*.cpp' '*.hpp' | xargs -0 -n 20 -P "$(nproc)" "$formatter" --dry-run -Werror
    ;;
  tidy | analyze)
    tidy=$(program clang-tidy-16 clang-tidy)
    # The analyzer takes as long as all the others together.
    checks='-clang-analyzer-*'
    if [ "$check" = analyze ]; then checks='-*,clang-analyzer-*'; fi
    # Those that are built here: what an optional dependency is missing for could not be read.
    git ls-files 'src/*.cpp' 'tools/*.cpp' |
      while read -r source; do
        if grep -qF "\"$PWD/$source\"" "$build/compile_commands.json"; then printf '%s\0' "$source"; fi
      done | xargs -0 -n 1 -P "$(nproc)" "$tidy" --quiet -p "$build" --checks="$checks" --warnings-as-errors='*' 2> >(grep -v 'warnings generated' >&2)
    ;;
  scripts)
    checker=$(program shellcheck)
    git ls-files -z '*.sh' .ci/run | xargs -0 "$checker"
    ;;
  rules)
    if git grep -nE '\b(sleep_for|sleep_until|usleep|nanosleep|sleep) *\(' -- tests ':!tests/style'; then
      complain "a sleep in a test: wait for a condition, see tests/support/eventually.hpp"
    fi
    if git grep -nE '#include *[<"](librdkafka/|hiredis/|zookeeper/|thrift/|curl/|sqlite3\.h|libpq)' -- include; then
      complain "a public header includes a client library's"
    fi
    if git grep -nIE '(^|[^A-Za-z0-9_.-])/(root|work|home/[a-z]+|tmp/[a-z])[/"]' -- . ':!tests/style'; then
      complain "a path of one machine"
    fi
    if git grep -nIE 'https?://[^ ]*(maven|npmjs|debian|pypi|pythonhosted|crates\.io|golang)[^ ]*' -- . ':!tests/style'; then
      complain "the address of a package registry: take it from the machine's own configuration"
    fi
    if git ls-files -- '*.hpp' | xargs grep -LE '^#pragma once$' | grep .; then
      complain "a header without #pragma once"
    fi
    if ! tests/style/invariants.sh; then complain "the table of invariants is not that of the code"; fi
    ;;
  *)
    echo "no check named $check" >&2
    exit 2
    ;;
esac
[ $failed = no ]
