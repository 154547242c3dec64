#!/usr/bin/env bash
# Compares the totals in the demo's database with a count of the flights that shares no code with it.
#
#   examples/demo/compare.sh DATABASE FLIGHTS.csv.gz
#
# Says what was counted twice or is missing, then what differs, if anything does. Exit code 0: all is the same.
set -euo pipefail
database=${1:?database}
flights=${2:?flights}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# carrier|flights|cancelled|minutes of delay
zcat "$flights" | awk -F, '
  NR > 1 { flights[$10]++; if ($6 == "NA") cancelled[$10]++; else minutes[$10] += $6 }
  END { for (carrier in flights) printf "%s|%d|%d|%d\n", carrier, flights[carrier], cancelled[carrier], minutes[carrier] }' |
  LC_ALL=C sort >"$work/csv"
sqlite3 -readonly "$database" 'select carrier, flights, cancelled, delay_minutes from totals' | LC_ALL=C sort >"$work/database"
[ -s "$work/csv" ] || {
  echo "compare: $flights has no flights" >&2
  exit 1
}

awk -F'|' '
  FILENAME == ARGV[1] { expected[$1] = $2; next }
  { surplus = $2 - expected[$1]; expected[$1] = 0; if (surplus > 0) twice += surplus; else missing -= surplus }
  END {
    for (carrier in expected) missing += expected[carrier]
    printf "  records counted twice: %s, missing: %s\n", twice ? twice : "none", missing ? missing : "none"
  }' "$work/csv" "$work/database"
if diff "$work/csv" "$work/database" >"$work/differences"; then
  echo "  all $(wc -l <"$work/csv") carriers: flights, cancelled and minutes of delay as counted from the CSV by awk"
else
  echo "  counted from the CSV (<) and in the database (>), carrier|flights|cancelled|minutes of delay:"
  grep '^[<>]' "$work/differences" | sed 's/^/    /'
  exit 1
fi
