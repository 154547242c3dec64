#!/usr/bin/env bash
# Measures on a real Kafka broker, side by side with librdkafka by itself.
#
#   bench/run.sh NAME [--records N] [--rounds N]
#
#   throughput  small records, as fast as they come
#   busy        a handler that works on each record: free of fetch stalls?
#   commit      a commit for each 1,000 records
#
# Installs what is missing, builds Release, starts what it needs on free ports in temporary folders, and removes it again. The
# last line is "bench NAME: key=value …". Figures are ratios within one run; nothing else should be running meanwhile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || {
  sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' bench/run.sh
  exit 2
}
tools/install-dependencies.sh build servers bench
tests/servers/fetch-kafka.sh
mkdir -p build
if [ ! -f build/release/build.ninja ]; then
  cmake --preset release >build/configure-release.log 2>&1 || {
    cat build/configure-release.log >&2
    exit 1
  }
fi
cmake --build build/release --target bench/all </dev/null | tail -n 1
exec build/release/bench/tidemark_bench "$@"
