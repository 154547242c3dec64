#!/usr/bin/env bash
# tidemark on real input: 27,004 flights from Kafka into totals per carrier in SQLite, through a SIGKILL half-way, exact.
#
#   examples/demo.sh [OPTION…]
#
#   --brokers HOST:PORT  use this Kafka cluster instead of the embedded broker; makes a topic of its own there, and deletes it
#   --keep FOLDER        leave the database, the journals and the logs in FOLDER
#   --programs FOLDER    run the programs in FOLDER: install and build nothing
#   --help               this text
#
# Installs what is missing and builds into build/demo first, where that was not done yet. The last line is
# "demo: exact: …" and the exit code 0, or "demo: failed: …" and 1.
set -euo pipefail
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
flights=$root/examples/data/flights-2013-01.csv.gz
partitions=4
session_timeout=45000  # Kafka's own default: a restart that had to wait for it would be noticed
rate=6000
first_part=20000  # of the flights; the others follow after the kill
topic=tidemark-demo-$(date +%Y%m%d-%H%M%S)-$$

brokers=
programs=
work=
keep=no
embedded=no
created_topic=no
children=()
ended=no

say() { printf '== %s\n' "$*"; }

fail() {
  ended=yes
  printf 'demo: failed: %s\n' "$*"
  exit 1
}

clean_up() {
  local code=$? i
  for ((i = ${#children[@]} - 1; i >= 0; i--)); do  # the broker last
    kill "${children[i]}" 2>/dev/null || continue
    wait "${children[i]}" 2>/dev/null || true
  done
  if [ $created_topic = yes ]; then
    "$programs/demo_topic" delete "$brokers" "$topic" || echo "delete the topic $topic yourself" >&2
  fi
  [ $keep = yes ] || [ -z "$work" ] || rm -rf "$work"
  if [ $code -ne 0 ] && [ $ended = no ]; then
    echo "demo: failed: unexpectedly, with code $code"
    exit 1
  fi
}
trap clean_up EXIT
trap 'fail "interrupted"' INT TERM HUP

# Removes an ended child from those to be ended.
forget() {
  local child kept=()
  for child in "${children[@]}"; do
    [ "$child" = "$1" ] || kept+=("$child")
  done
  children=("${kept[@]}")
}

usage() {
  sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "${BASH_SOURCE[0]}"
}

while [ $# -gt 0 ]; do
  case $1 in
    --brokers) brokers=${2:?--brokers needs HOST:PORT} ;;
    --keep) work=${2:?--keep needs a folder} keep=yes ;;
    --programs) programs=${2:?--programs needs a folder} ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      ended=yes
      exit 2
      ;;
  esac
  shift 2
done

# What a step says is shown only when it fails, as here nobody wants to read it.
quietly() {
  local log=$root/build/demo.log
  "$@" >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    fail "$1 ended with an error, see above"
  }
}

build() {
  programs=$root/build/demo/examples/demo
  "$root/tools/install-dependencies.sh" build demo || fail "cannot install what the demo needs"
  mkdir -p "$root/build"
  if [ ! -f "$root/build/demo/build.ninja" ]; then
    say "configuring build/demo"
    quietly cmake -S "$root" -B "$root/build/demo" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTIDEMARK_BUILD_TESTS=OFF \
      -DTIDEMARK_BUILD_EXAMPLES=demo -DTIDEMARK_BUILD_COMPONENTS=OFF -DTIDEMARK_BUILD_SQLITE=ON -DTIDEMARK_BUILD_TESTING=ON
  fi
  [ -x "$programs/demo_totals" ] || say "building, for a minute or two"
  quietly cmake --build "$root/build/demo" --target demo
}

[ -n "$programs" ] || build
if [ $keep = yes ]; then mkdir -p "$work"; else work=$(mktemp -d); fi
database=$work/totals.db
rm -f "$database"*

all_flights() { zcat "$flights" | sed 1d; }
expected=$(all_flights | wc -l)
sql() { sqlite3 -readonly "$database" "$@"; }

start_broker() {
  if [ -n "$brokers" ]; then
    "$programs/demo_topic" create "$brokers" "$topic" $partitions || fail "no topic to work with on $brokers"
    created_topic=yes
    say "Kafka at $brokers, topic $topic with $partitions partitions"
    return
  fi
  "$programs/demo_broker" "$topic" $partitions >"$work/brokers" &
  children+=($!)
  until [ -s "$work/brokers" ]; do
    kill -0 $! 2>/dev/null || fail "the embedded broker did not start"
    sleep 0.02
  done
  brokers=$(<"$work/brokers")
  embedded=yes
  # The embedded broker ignores group.instance.id, so there a restart waits for the killed member's session to end.
  session_timeout=3000
  say "embedded broker at $brokers, process $!, topic $topic with $partitions partitions"
}

# Writes the flights to the topic, in the background. The last quarter waits for the kill, so that this comes mid-way however slow
# the machine is.
start_feed() {
  {
    all_flights | sed -n "1,${first_part}p"
    until [ -e "$work/killed" ] || ! kill -0 $$ 2>/dev/null; do sleep 0.02; done
    all_flights | sed "1,${first_part}d"
  } | "$programs/demo_feed" "$brokers" "$topic" $rate &
  feed=$!
  children+=("$feed")
}

finish_feed() {
  wait "$feed" || fail "the flights did not all reach Kafka"
  forget "$feed"
}

# start_totals RUN: its journal is journal-RUN.
start_totals() {
  : >"$work/journal-$1"
  "$programs/demo_totals" --brokers "$brokers" --topic "$topic" --instance totals-1 --session-timeout $session_timeout --database "$database" \
    --journal "$work/journal-$1" --until "$expected" &
  totals=$!
  children+=("$totals")
}

# Returns when the program begins a batch with half of all flights committed. Its journal tells, not a clock.
wait_for_half() {
  local what records committed=0
  while read -r what records; do
    case $what in
      commit) committed=$((committed + records)) ;;
      begin) [ $((2 * committed)) -lt "$expected" ] || return 0 ;;
    esac
  done < <(tail -f -n +1 --pid="$totals" "$work/journal-1")
  fail "the program ended before it had read half of the flights"
}

# Returns when the second run begins its first batch. Sets back_after to the seconds since its start.
wait_for_return() {
  local from now
  from=$(date +%s%3N)
  grep -qm 1 '^begin' < <(tail -f -n +1 --pid="$totals" "$work/journal-2") ||
    fail "the program ended before it had read anything again"
  now=$(date +%s%3N)
  back_after=$(awk -v ms=$((now - from)) 'BEGIN { printf "%.1f", ms / 1000 }')
}

# begun RUN: batches and records that the run's handler began with.
begun() { awk '$1 == "begin" { batches++; records += $2 } END { print batches + 0, records + 0 }' "$work/journal-$1"; }

start_broker
say "$expected flights come in at $rate a second; totals and offsets go to SQLite, one transaction a batch"
start_feed
start_totals 1
wait_for_half
kill -KILL "$totals" || fail "the program was gone before it could be killed"
code=0
wait "$totals" 2>/dev/null || code=$?
forget "$totals"
[ $code -eq 137 ] || fail "the killed program ended with code $code, not by SIGKILL"
kills=1
: >"$work/killed"
if [ -t 1 ]; then echo; fi
at_kill=$(sql 'select coalesce(sum(flights), 0) from totals')
offsets_at_kill=$(sql "select group_concat(next_offset, ' ') from (select * from tidemark_offsets order by partition)")
if [ "$at_kill" -eq 0 ] || [ "$at_kill" -ge "$expected" ]; then fail "the kill was not mid-way, but at $at_kill flights"; fi

say "SIGKILL at $at_kill flights; started again, from the stored offsets $offsets_at_kill"
start_totals 2
wait_for_return
finish_feed
wait "$totals" || fail "the program ended with an error"
forget "$totals"

say "carriers"
sql -box "select carrier, flights, cancelled,
  printf('%.1f', 1.0 * delay_minutes / nullif(flights - cancelled, 0)) as 'mean departure delay (minutes)'
  from totals order by flights desc"
say "offsets"
sql -box 'select partition, next_offset from tidemark_offsets order by partition'

read -r batches_1 records_1 < <(begun 1)
read -r batches_2 records_2 < <(begun 2)
# Batches of the first run whose end the database has not seen.
redone=$(awk -v stored="$at_kill" '$1 == "begin" { records += $2; if (records > stored) batches++ } END { print batches + 0 }' \
  "$work/journal-1")
say "what the kill cost"
echo "  first run: $((batches_1 - redone)) batches committed, with $at_kill records"
if [ "$redone" -eq 0 ]; then
  echo "  batches redone: none, as the kill fell between two"
else
  echo "  batches redone: $redone, with $((records_1 - at_kill)) records: rolled back with the process, then read again"
fi
echo "  second run: $batches_2 batches committed, with $records_2 records"
echo "  without progress: $back_after s after the new start"
if [ $embedded = yes ]; then
  echo "    The embedded broker ignores group.instance.id. It waits for the session of the killed member to end ($((session_timeout / 1000)) s),"
  echo "    then for the group to join again. Kafka does not wait: try --brokers."
else
  echo "    Thanks to group.instance.id, Kafka did not wait for the session of the killed member to end ($((session_timeout / 1000)) s)."
fi

say "checked against the CSV"
"$root/examples/demo/compare.sh" "$database" "$flights" || fail "the totals are not those of the CSV"
offsets=$(sql 'select sum(next_offset) from tidemark_offsets')
[ "$offsets" -eq "$expected" ] || fail "the offsets add up to $offsets, not to $expected"
[ $((at_kill + records_2)) -eq "$expected" ] ||
  fail "the second run read $records_2 records on top of $at_kill, which is not $expected"

ended=yes
echo "demo: exact: $(sql 'select sum(flights) from totals') flights, $(sql 'select count(*) from totals') carriers, $kills kill"
