#!/usr/bin/env bash
# Installs what the tests need, builds, and runs them.
#
#   tests/run.sh [--no-install] [TIER…] [OPTION OF CTEST…]
#
#   (none)       everything below that fits twenty minutes on two cores: all but the sanitizers and the extended tiers
#   unit         decisions, without I/O
#   contract     every store against the store contract
#   wrong-stores the conformance kit against stores with a fault each; the last line says how many it caught
#   integration  against a real Kafka broker
#   crash        consumers killed at random moments
#   redis        the Redis store against real redis-servers
#   redis-cut    commits to Redis, cut at every byte; the last line says how many cases were wrong
#   redis-kills  records flow from Kafka into Redis, and both ends are killed
#   redis-fuzz   extended: malformed replies of Redis, under AddressSanitizer
#   zookeeper    the ZooKeeper store against real ZooKeeper servers; extended: more kills and cuts, leaders of three servers killed
#   postgres     the PostgreSQL store against real PostgreSQL servers, and through PgBouncer; cut at every byte; killed. postgres_extended: 650 hits
#   hdfs         the HDFS store against a real HDFS and on local directories; extended: the whole kit on HDFS, more kills
#   spark        extended: Spark itself goes on from checkpoints of the HDFS store, and the reverse; fetches 220 MB of jars
#   hbase        the HBase store against a real HBase with its Thrift2 gateway
#   memory       the most that a consumer has resident, beside its memory_budget
#   world        what goes wrong around a consumer, on real brokers: damaged batches, a clock that is set
#   churn        extended: processes of a group that come, go, die and freeze 300 times; 20 times in the default run
#   kafka-3.9    extended: the integration tests on the last broker with the old protocol only
#   librdkafka-new  extended: the engine and integration tests, and what only it can, with a newer librdkafka loaded at run time
#   librdkafka-X.Y.Z  extended: the engine, integration and churn tests with that release of librdkafka
#   consume      install, and use the package from other projects
#   style        formatting, clang-tidy, its static analyzer (not in the default run), shell scripts, house rules
#   simulation   the engine in a simulated world, 5,000 seeds; "simulation --seeds N --from SEED" for others
#   mutants      extended: the simulation must find each of the bugs in tests/simulation/mutants
#   postgres_mutants  extended: the PostgreSQL tests must find each of the bugs in tests/postgres/mutants
#   asan, tsan   unit, contract and engine tests and those of the stores under AddressSanitizer + UBSan, and under ThreadSanitizer
#   debian12, debian13  extended: in a bare Debian, the demo, then the unit, contract and Redis tests, in 13 with TLS (needs root)
#   list         shows the tests
#
# Any other label of ctest is a tier, too. "--repeat N" runs each test until it fails, at most N times; every other option goes to
# ctest as it is, such as "-R sqlite" or "-V". Build folders are build/PRESET; once all is there, no network is used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '== %s\n' "$*"; }

install=yes
tiers=()
options=()
seeds=()  # for the simulation
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=no ;;
    -h | --help)
      sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' tests/run.sh
      exit 0
      ;;
    --repeat)
      options+=(--repeat "until-fail:${2:?--repeat needs a number}")
      shift
      ;;
    --seeds | --from)
      seeds+=("$1" "${2:?$1 needs a number}")
      shift
      ;;
    -*)
      options+=("$@")
      break
      ;;
    *) tiers+=("$1") ;;
  esac
  shift
done
[ ${#tiers[@]} -gt 0 ] || tiers=(all)

cores=$(nproc)
private_tmp=$(mktemp -d)
chmod 755 "$private_tmp"  # some tests give up root
trap 'rm -rf "$private_tmp"' EXIT
mkdir -p build
root=$PWD
export TIDEMARK_SERVER_LOGS=$root/build/server-logs

install_dependencies() {
  [ $install = no ] || tools/install-dependencies.sh "$@"
}

# configure PRESET: where that was not done yet.
configure() {
  local preset=$1 launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  if [ -f "build/$preset/build.ninja" ]; then return; fi
  say "configuring $preset"
  cmake --preset "$preset" "${launcher[@]}" >"build/configure-$preset.log" 2>&1 || {
    cat "build/configure-$preset.log" >&2
    return 1
  }
}

# build PRESET [TARGET…]: these targets, those of them that exist; or all.
build() {
  local preset=$1 target
  shift
  configure "$preset"
  local known existing=()
  known=$(cmake --build "build/$preset" --target help </dev/null)
  for target in "$@"; do
    if grep -q "^$target: phony" <<<"$known"; then existing+=(--target "$target"); fi
  done
  say "building $preset"
  cmake --build "build/$preset" --parallel "$cores" "${existing[@]}" </dev/null
}

results=()
summary=
failed=no
# run_ctest NAME PRESET OPTION…
run_ctest() {
  local name=$1 preset=$2 verdict=passed
  shift 2
  say "testing $name"
  rm -rf "$TIDEMARK_SERVER_LOGS"
  TMPDIR=$private_tmp ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel "$cores" "$@" \
    "${options[@]}" </dev/null || verdict=FAILED
  if [ $verdict = FAILED ]; then
    failed=yes
    if [ -d "$TIDEMARK_SERVER_LOGS" ]; then say "the servers' logs are in $TIDEMARK_SERVER_LOGS"; fi
  fi
  results+=("$name $verdict")
}

# summarise NAME COMMAND…: its last line, if it has one, is to be ours, too.
summarise() {
  local name=$1 verdict=passed output=$private_tmp/$1.out
  shift
  say "running $name"
  "$@" </dev/null | tee "$output" || verdict=FAILED failed=yes
  results+=("$name $verdict")
  if [ -s "$output" ]; then summary=$(tail -n 1 "$output"); fi
}

# sanitize asan|tsan
sanitize() {
  tests/servers/fetch-jars.sh kafka zookeeper hbase hdfs
  build "$1" tidemark_{unit,contract,engine,redis,redis_cut,postgres,zookeeper,hbase,hdfs}_tests
  # ThreadSanitizer of GCC 12 does not start where the kernel randomises more address bits than it knows.
  local plain_addresses=()
  if [ "$1" = tsan ] && setarch -R true 2>/dev/null; then plain_addresses=(setarch -R); fi
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  # The contract's tests fork processes that commit on; the ZooKeeper client has threads in them.
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:die_after_fork=0:suppressions=$root/tests/sanitizers/tsan.supp
  ctest() { "${plain_addresses[@]}" "$(type -P ctest)" "$@"; }
  run_ctest "$1" "$1" --label-regex '^(unit|contract|engine|redis|redis-cut|postgres|zookeeper|hbase|hdfs)$'
  unset -f ctest
}

for tier in "${tiers[@]}"; do
  case $tier in
    all)
      install_dependencies build test servers style demo
      tests/servers/fetch-jars.sh kafka zookeeper hbase hdfs
      build dev
      run_ctest dev dev --label-exclude '^(extended|librdkafka-new)$'
      ;;
    unit)
      install_dependencies build
      build dev tidemark_unit_tests
      run_ctest unit dev --label-regex '^unit$'
      ;;
    contract)
      install_dependencies build test
      build dev tidemark_contract_tests
      run_ctest contract dev --label-regex '^contract$'
      ;;
    wrong-stores)
      install_dependencies build test
      build dev tidemark_contract_tests
      run_ctest wrong-stores dev --tests-regex '^contract\.wrong_stores$'
      summary=$(grep -ho 'wrong-stores: [0-9]* of [0-9]* caught' build/dev/Testing/Temporary/LastTest.log | tail -n 1 || true)
      ;;
    redis | redis-cut)
      install_dependencies build test
      build dev "tidemark_${tier/-/_}_tests"
      run_ctest "$tier" dev --label-regex "^$tier\$"
      if [ "$tier" = redis-cut ]; then summary=$(grep -ho 'redis-cut: [0-9]* cases, [0-9]* wrong' build/dev/Testing/Temporary/LastTest.log | tail -n 1 || true); fi
      ;;
    postgres)
      install_dependencies build test servers
      tests/servers/fetch-jars.sh kafka
      build dev tidemark_postgres_tests
      run_ctest postgres dev --label-regex '^postgres$'
      ;;
    postgres_extended)
      install_dependencies build test servers
      tests/servers/fetch-jars.sh kafka
      build dev tidemark_postgres_extended_tests
      run_ctest postgres_extended dev --tests-regex '^postgres_extended'
      ;;
    postgres_mutants)
      install_dependencies build test servers
      tests/servers/fetch-jars.sh kafka
      build dev tidemark_postgres_tests tidemark_postgres_mutants
      summarise postgres_mutants tests/postgres/mutants.sh build/dev/tests/postgres_mutants
      ;;
    redis-fuzz)
      install_dependencies build test
      build asan tidemark_redis_fuzz_tests
      run_ctest redis-fuzz asan --tests-regex '^redis_fuzz'
      ;;
    asan | tsan)
      install_dependencies build test servers
      sanitize "$tier"
      ;;
    style)
      install_dependencies build style
      configure dev
      run_ctest style dev --label-regex '^style$'
      ;;
    consume)
      install_dependencies build test
      build dev tidemark
      run_ctest consume dev --label-regex '^consume$'
      ;;
    debian12 | debian13)
      install_dependencies bare-debian
      verdict=passed
      suite=bookworm
      if [ "$tier" = debian13 ]; then suite=trixie; fi
      tests/bare_debian.sh $suite "build/$tier" unit contract redis || verdict=FAILED failed=yes
      results+=("$tier $verdict")
      ;;
    churn)
      install_dependencies build servers
      tests/servers/fetch-jars.sh kafka
      build dev tidemark_churn_extended_tests
      run_ctest churn dev --tests-regex '^churn_extended'
      summary=$(grep -ho 'churn: .*' build/dev/Testing/Temporary/LastTest.log | tail -n 1 || true)
      ;;
    kafka-3.9)
      install_dependencies build test servers
      tests/servers/fetch-jars.sh kafka=3.9.1
      build dev tidemark_integration_tests
      TIDEMARK_KAFKA_LIBS=$root/build/servers/kafka-3.9.1 run_ctest kafka-3.9 dev --label-regex '^integration$'
      ;;
    librdkafka-new)
      install_dependencies build test servers librdkafka-new
      tests/servers/fetch-jars.sh kafka
      tests/servers/fetch-librdkafka.sh
      build dev tidemark_engine_tests tidemark_integration_tests tidemark_kip848_tests
      LD_LIBRARY_PATH=$root/build/servers/librdkafka run_ctest librdkafka-new dev --label-regex '^(engine|integration|librdkafka-new)$'
      ;;
    librdkafka-[0-9]*)
      install_dependencies build test servers librdkafka-new
      tests/servers/fetch-jars.sh kafka
      tests/servers/fetch-librdkafka.sh "${tier#librdkafka-}"
      build dev tidemark_engine_tests tidemark_integration_tests tidemark_churn_tests tidemark_churn_member
      LD_LIBRARY_PATH=$root/build/servers/$tier run_ctest "$tier" dev --label-regex '^(engine|integration|churn)$'
      ;;
    simulation)
      install_dependencies build
      build dev tidemark_simulation
      program=build/dev/tests/simulation/tidemark_simulation
      summarise simulation "$program" --jobs "$cores" "${seeds[@]}"
      summarise replay tests/simulation/replay.sh "$program"
      ;;
    mutants)
      install_dependencies build
      build dev tidemark_mutants
      summarise mutants tests/simulation/mutants.sh build/dev/tests/simulation/mutants
      ;;
    spark)
      install_dependencies build test servers bench
      tests/servers/fetch-jars.sh kafka hdfs spark
      build dev tidemark_hdfs_spark_tests
      run_ctest spark dev --tests-regex '^hdfs_spark'
      ;;
    list)
      install_dependencies build
      build dev
      ctest --test-dir build/dev --show-only
      ctest --test-dir build/dev --print-labels
      ;;
    *)
      install_dependencies build test servers demo
      tests/servers/fetch-jars.sh kafka zookeeper hbase hdfs
      if [ "$tier" = extended ]; then tests/servers/fetch-jars.sh spark; fi
      build dev
      run_ctest "$tier" dev --label-regex "^$tier\$"
      ;;
  esac
done

printf '== %s\n' "${results[@]}"
if [ -n "$summary" ]; then echo "$summary"; fi
[ $failed = no ]
