#!/usr/bin/env bash
# Runs, with each mutant, the test that its patch names. It must fail.
#   mutants.sh FOLDER_OF_MUTANTS
set -euo pipefail
sources=$(dirname "${BASH_SOURCE[0]}")/mutants
programs=$1
caught=0
all=0
for patch in "$sources"/*.patch; do
  name=$(basename "$patch" .patch)
  test=$(sed -n 's/^Test: //p' "$patch")
  program=$programs/tidemark_postgres_mutant_$name
  all=$((all + 1))
  names=$("$program" --list-test-names-only) || true  # Catch2 returns how many there are
  if ! grep -qxF -- "$test" <<<"$names"; then
    echo "postgres_mutants: $name was not built, or there is no test \"$test\"" >&2
    exit 1
  fi
  verdict=MISSED
  # Commas divide the patterns of Catch2.
  if ! timeout 600 "$program" "${test//,/\\,}" >/dev/null 2>&1; then
    verdict=caught
    caught=$((caught + 1))
  fi
  printf '%-18s %-7s %s\n' "$name" "$verdict" "$(head -n 1 "$patch")"
done
echo "postgres_mutants: $caught of $all caught"
[ "$caught" = "$all" ]
