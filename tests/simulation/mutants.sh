#!/usr/bin/env bash
# Runs each mutant until the simulation finds its bug, and prints what it found.
#   mutants.sh FOLDER_OF_MUTANTS
set -euo pipefail
sources=$(dirname "${BASH_SOURCE[0]}")/mutants
programs=$1
limit=6000
caught=0
asserted=0
all=0
printf '%-32s %7s  %-22s %s\n' mutant seeds "found as" "what is wrong with it"
for patch in "$sources"/*.patch; do
  name=$(basename "$patch" .patch)
  all=$((all + 1))
  if [ ! -x "$programs/tidemark_mutant_$name" ]; then
    echo "mutants: $name was not built" >&2
    exit 1
  fi
  output=$(timeout 300 "$programs/tidemark_mutant_$name" --seeds $limit --until-found 2>&1) || true
  why=$(head -n 1 "$patch")
  # One that crashes or hangs is found, too, but says less.
  seeds=$(sed -n 's/^simulation: \([0-9]*\) seeds.*/\1/p' <<<"$output")
  kind=$(sed -n 's/^  \([a-z0-9 -]*\): .*/\1/p' <<<"$output" | head -n 1)
  if [ -n "$seeds" ] && [ -z "$kind" ]; then
    printf '%-32s %7s  %-22s %s\n' "$name" "$seeds" MISSED "$why"
    continue
  fi
  caught=$((caught + 1))
  case $kind in invariant* | precondition | postcondition) asserted=$((asserted + 1)) ;; esac
  printf '%-32s %7s  %-22s %s\n' "$name" "${seeds:--}" "${kind:-crash}" "$why"
done
echo "mutants: $caught of $all caught, $asserted by an assertion before the checker saw anything"
[ "$caught" = "$all" ]
