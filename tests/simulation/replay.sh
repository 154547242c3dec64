#!/usr/bin/env bash
# A seed must give the same run each time, bit for bit, alone or among others.
#   replay.sh PROGRAM
set -euo pipefail
program=$1
trace_of() { "$program" --seeds 1 --from "$1" --verbose; }
for seed in 3 14 159 2653; do
  if [ "$(trace_of "$seed")" != "$(trace_of "$seed")" ]; then
    echo "seed $seed does not replay" >&2
    exit 1
  fi
done
alone=$("$program" --seeds 200 | grep trace)
shared=$("$program" --seeds 200 --jobs 2 | grep trace)
if [ "$alone" != "$shared" ]; then
  echo "the order of seeds changes their runs: $alone, but $shared" >&2
  exit 1
fi
