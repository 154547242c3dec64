#!/usr/bin/env bash
# Measures tidemark on a real Kafka broker, side by side with librdkafka by itself, Kafka's Java client and franz-go.
#
#   bench/run.sh NAME [--records N] [--rounds N] [--librdkafka FILE]
#
#   throughput  records as fast as they come: 100 bytes, 1 KiB, 1 KiB compressed
#   busy        a handler that computes for each record: free of fetch stalls?
#   commit      a commit for each 1,000 records
#   latency     from the producer's call to the handler's
#   idle        64 partitions in which nothing happens
#   rebalance   one of eight members leaves: for how long do the others stop handling what they keep?
#   redis       the Redis store beside raw hiredis
#   stores      commits through each store, beside its bare client; --only NAME for one
#   parallel    a call of 10 ms for each record, 1,000 at once, beside the Parallel Consumer
#   scale       more workers, more partitions
#   micro       parts of the engine by themselves; further options go to google-benchmark
#   plots       draws docs/plots/NAME.svg from the figures in build/bench
#
# --librdkafka, or $TIDEMARK_BENCH_LIBRDKAFKA, runs raw and tidemark with another librdkafka than the system's. Installs what is missing,
# builds Release, starts what it needs on free ports in temporary folders, and removes it again. The last line is
# "bench NAME: key=value …"; every round is in build/bench/NAME.json. Figures are ratios within one run; nothing else should be running
# meanwhile. bench/README.md says what each client is told.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || {
  sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' bench/run.sh
  exit 2
}
name=$1
shift

if [ "$name" = plots ]; then exec bench/plot.py build/bench docs/plots; fi

tools/install-dependencies.sh build servers bench
tests/servers/fetch-jars.sh kafka zookeeper hbase hdfs
bench/contenders/parallel/fetch.sh
mkdir -p build
if [ ! -f build/release/build.ninja ]; then
  cmake --preset release >build/configure-release.log 2>&1 || {
    cat build/configure-release.log >&2
    exit 1
  }
fi
cmake --build build/release --target bench/all </dev/null | tail -n 1
if [ "$name" = micro ]; then exec build/release/bench/micro/tidemark_micro "$@"; fi
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
exec build/release/bench/tidemark_bench "$name" --commit "$commit" "$@"
