#!/usr/bin/env bash
# Uses tidemark from outside. tests/consume/CMakeLists.txt calls it, with WORK, CXX and LAUNCHER in the environment.
#   check.sh install|find_package|all_stores|pkg_config|readme|exports|examples|missing_component|missing_version|symbols|headers static|shared
#   check.sh add_subdirectory|needs
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source_folder=$(realpath "$here/../..")
verb=$1
kind=${2:-static}
prefix=$WORK/$kind/prefix
cores=$(nproc)

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# Without a build type, that is without optimisation: for speed, and because nothing is inlined away from the symbols then.
configure() {
  cmake -G Ninja -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_COMPILER_LAUNCHER="$LAUNCHER" "$@"
}

fresh_folder() {
  rm -rf "$1"
  mkdir -p "$1"
}

# Where this prefix keeps its libraries: lib, lib64 or lib/x86_64-linux-gnu.
library_folder() { dirname "$(find "$prefix" -name 'libtidemark.*' -print -quit)"; }

# run_consumer FOLDER: its program "consumer", with a new database.
run_consumer() {
  local said
  rm -f "$1"/offsets.db*
  said=$("$1/consumer" "$1/offsets.db")
  [ "$said" = "moved to 3, read back 3" ] || fail "the consumer program said '$said'"
}

case $verb in
  install)
    fresh_folder "$prefix"
    shared=OFF
    if [ "$kind" = shared ]; then shared=ON; fi
    # What a user gets: no tests, no developer's flags.
    configure -S "$source_folder" -B "$WORK/$kind/build" -DBUILD_SHARED_LIBS=$shared -DCMAKE_INSTALL_PREFIX="$prefix" \
      -DTIDEMARK_BUILD_TESTS=OFF -DTIDEMARK_BUILD_EXAMPLES=OFF
    cmake --build "$WORK/$kind/build" --parallel "$cores"
    cmake --install "$WORK/$kind/build"
    ;;
  find_package)
    build=$WORK/$kind/find_package
    fresh_folder "$build"
    configure -S "$here/find_package" -B "$build" -DCMAKE_PREFIX_PATH="$prefix"
    cmake --build "$build"
    run_consumer "$build"
    ;;
  all_stores)
    build=$WORK/$kind/all_stores
    fresh_folder "$build"
    components=$(find "$prefix" -name 'tidemark-*-dependencies.cmake' -printf '%f\n' | sed 's/^tidemark-//; s/-dependencies.cmake$//' |
      grep -vx tidemark | sort | paste -sd ';')
    [ -n "$components" ] || fail "no component is installed in $prefix"
    configure -S "$here/all_stores" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" -DCOMPONENTS="$components"
    cmake --build "$build"
    "$build/all_stores"
    ;;
  pkg_config)
    build=$WORK/$kind/pkg_config
    fresh_folder "$build"
    PKG_CONFIG_PATH=$(library_folder)/pkgconfig
    export PKG_CONFIG_PATH
    modules=(tidemark tidemark-sqlite tidemark-testing)
    read -ra flags <<<"$(pkg-config --cflags --libs "${modules[@]}")"
    "$CXX" -std=c++20 -Wall -Wextra -Werror "$here/consumer.cpp" -o "$build/consumer" "${flags[@]}"
    LD_LIBRARY_PATH=$(library_folder) run_consumer "$build"
    # The core alone, too.
    read -ra flags <<<"$(pkg-config --cflags --libs tidemark)"
    echo '#include <tidemark/tidemark.hpp>
int main() { return *tidemark::version() == 0; }' >"$build/core.cpp"
    "$CXX" -std=c++20 "$build/core.cpp" -o "$build/core" "${flags[@]}"
    LD_LIBRARY_PATH=$(library_folder) "$build/core"
    ;;
  add_subdirectory)
    build=$WORK/add_subdirectory
    configure -S "$here/add_subdirectory" -B "$build" -DTIDEMARK_SOURCE="$source_folder"
    cmake --build "$build" --parallel "$cores"
    run_consumer "$build"
    ;;
  examples)
    # Each one copied out of the tree, so that it stands alone.
    for example in "$source_folder"/examples/*/CMakeLists.txt; do
      name=$(basename "$(dirname "$example")")
      copy=$WORK/$kind/examples/$name
      fresh_folder "$copy"
      cp -r "$(dirname "$example")" "$copy/source"
      configure -S "$copy/source" -B "$copy/build" -DCMAKE_PREFIX_PATH="$prefix"
      cmake --build "$copy/build" --parallel "$cores"
    done
    said=$(LD_LIBRARY_PATH=$(library_folder) "$WORK/$kind/examples/06_test_without_broker/build/test_without_broker")
    [ "$said" = "all tests passed" ] || fail "example 06 said '$said'"
    ;;
  missing_component)
    build=$WORK/$kind/missing_component
    fresh_folder "$build"
    if configure -S "$here/missing_component" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" >"$build/said" 2>&1; then
      fail "find_package accepted a component that was not built"
    fi
    tr -s ' \n' ' ' <"$build/said" | grep -F "tidemark was built without its component 'abacus'" || fail "$(cat "$build/said")"
    ;;
  missing_version)
    build=$WORK/$kind/missing_version
    fresh_folder "$build"
    if configure -S "$here/missing_version" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" >"$build/said" 2>&1; then
      fail "find_package accepted another version"
    fi
    grep -F 'compatible with requested version' "$build/said" || fail "$(cat "$build/said")"
    ;;
  readme)
    # The README's first program, as it stands there.
    build=$WORK/$kind/readme
    fresh_folder "$build"
    block_of() { awk -v fence="\`\`\`$1" '$0 == fence { inside = 1; next } inside && /^```$/ { exit } inside' "$source_folder/README.md"; }
    block_of cpp >"$build/main.cpp"
    block_of cmake >"$build/CMakeLists.txt"
    configure -S "$build" -B "$build/build" -DCMAKE_PREFIX_PATH="$prefix"
    cmake --build "$build/build"
    [ -x "$build/build/billing" ] || fail "the README's program was not built"
    # Without a broker it says what it does, and SIGTERM ends it in order.
    (cd "$build" && exec "$build/build/billing" >said 2>&1) &
    program=$!
    until grep -qF 'billing: Connecting to localhost:9092.' "$build/said" 2>/dev/null; do
      kill -0 "$program" 2>/dev/null || fail "the README's program ended by itself: $(cat "$build/said")"
    done
    kill -TERM "$program"
    wait "$program" || fail "the README's program does not stop in order: $(cat "$build/said")"
    ;;
  exports)
    # Flags of the developers, and folders of this build, stay here.
    exported=$(find "$prefix" -name "*.cmake" -o -name "*.pc")
    [ -n "$exported" ] || fail "nothing is exported to $prefix"
    # shellcheck disable=SC2086  # one word a file
    if grep -nE -e '-fsanitize|-Werror|-Wall|-Wextra|-Wconversion|-O[0-9]|CATCH|Catch2' $exported; then
      fail "developers' flags are exported"
    fi
    # shellcheck disable=SC2086
    if grep -nF -e "$source_folder/" $exported | grep -vF "$prefix"; then fail "a folder of this build is exported"; fi
    ;;
  symbols)
    for library in "$(library_folder)"/libtidemark*.so; do
      # Strong symbols are ours alone. Weak ones may be instantiated from the headers of the standard library or of Boost.
      foreign=$(nm -DC --defined-only "$library" | awk '$2 ~ /[TDBRG]/' |
        grep -vE ' (typeinfo( name)? for |vtable for |VTT for |guard variable for |(non-)?virtual thunk to )?tidemark::' || true)
      [ -z "$foreign" ] || fail "$library exports what is not tidemark's:"$'\n'"$foreign"
      weak=$(nm -DC --defined-only "$library" | awk '$2 ~ /[VWu]/' | grep -vE '(tidemark|std|boost|__gnu_cxx)::' || true)
      [ -z "$weak" ] || fail "$library exports weak symbols of others:"$'\n'"$weak"
      echo "$library: $(nm -D --defined-only "$library" | wc -l) symbols"
    done
    ;;
  headers)
    include=$prefix/include
    if grep -rnE '#include *[<"](librdkafka/|hiredis/|zookeeper/|thrift/|curl/|sqlite3\.h|libpq)' "$include/tidemark"; then
      fail "a public header includes a client library's"
    fi
    units=$WORK/headers
    fresh_folder "$units"
    while read -r header; do
      unit=$units/${header//\//_}.cpp
      printf '#include <%s>\n#include <%s>\n' "$header" "$header" >"$unit"
    done < <(cd "$include" && find tidemark -name '*.hpp' | sort)
    count=$(find "$units" -name '*.cpp' | wc -l)
    [ "$count" -gt 10 ] || fail "only $count public headers are installed"
    find "$units" -name '*.cpp' -print0 | xargs -0 -n 1 -P "$cores" "$CXX" -std=c++20 -Wall -Wextra -Wpedantic -Wshadow \
      -Wconversion -Werror -fsyntax-only -I "$include"
    echo "$count headers compile alone"
    ;;
  needs)
    # Whatever a component needs is missing once, alone. Without a list of names: cmake/components says what there is.
    build=$WORK/needs
    fresh_folder "$build"
    built_with() { sed -n 's/^-- tidemark is built with: //p' "$1" | sed 's/, /\n/g'; }
    # try NAME ARGUMENT…: configures as a user does, who has asked for nothing; the output is in said-NAME, for an error on one line.
    try() {
      local name=$1 code=0
      shift
      rm -rf "${build:?}/$name"
      configure -S "$source_folder" -B "$build/$name" "$@" >"$build/lines" 2>&1 || code=$?
      if [ $code -eq 0 ]; then cp "$build/lines" "$build/said-$name"; else tr -s ' \n' ' ' <"$build/lines" >"$build/said-$name"; fi
      return $code
    }
    # has NAME TEXT: that said-NAME holds it, once.
    has() {
      [ "$(grep -cF -- "$2" "$build/said-$1")" -eq 1 ] || fail "not said, or twice: '$2'. What was said: $(cat "$build/said-$1")"
    }
    try all || fail "$(cat "$build/said-all")"
    built_with "$build/said-all" | grep -q ^tidemark:: || fail "no component is built: $(cat "$build/said-all")"

    cmake -P "$here/needs.cmake" 2>"$build/needs"
    [ -s "$build/needs" ] || fail "no component needs anything"
    everything=()
    while IFS='|' read -r what need missing by_name <&3; do
      everything+=("$missing")
      try one "$missing" || fail "without $need nothing can be configured: $(cat "$build/said-one")"
      if built_with "$build/said-all" | grep -qxF "$what"; then has one "-- $what left out, missing: $need"; fi
      difference=$(diff <(built_with "$build/said-all" | grep -vxF "$what") <(built_with "$build/said-one")) ||
        fail "without $need not only $what is left out: $difference"
      if [ "${what#tidemark::}" != "$what" ]; then
        library=tidemark_${what#tidemark::}
        if cmake --build "$build/one" --target help | grep "^$library:"; then fail "$library is to be built without $need"; fi
      fi
      if try named "$missing" "$by_name"; then fail "$what was asked for, and left out: $(cat "$build/said-named")"; fi
      has named "$what can't be built, missing: $need"
      by_switch=${by_name#-D}
      has named "or set ${by_switch%=ON}=OFF"
      echo "$what without $need: left out, or an error when asked for"
    done 3<"$build/needs"

    try core_only -DTIDEMARK_BUILD_COMPONENTS=OFF || fail "$(cat "$build/said-core_only")"
    has core_only "-- the tests left out, missing: tidemark::testing (TIDEMARK_BUILD_TESTING=ON)"
    # All at once, and what is asked for when nothing is missing.
    try none "${everything[@]}" -DCMAKE_DISABLE_FIND_PACKAGE_Catch2=ON || fail "$(cat "$build/said-none")"
    has none "-- the tests left out, missing: Catch2"
    [ "$(built_with "$build/said-none")" = "tidemark::testing" ] || fail "$(cat "$build/said-none")"
    # What was missing is looked for again at the next configure.
    cmake "$build/none" "${everything[@]/%=ON/=OFF}" -UTIDEMARK_* -DCMAKE_DISABLE_FIND_PACKAGE_Catch2=OFF >"$build/said-none"
    diff <(built_with "$build/said-all") <(built_with "$build/said-none") || fail "what was installed later is not taken"
    if try core -DCMAKE_DISABLE_FIND_PACKAGE_RdKafka=ON; then fail "configured without librdkafka"; fi
    has core "tidemark can't be built, missing: RdKafka 2.0.2 or newer (Debian: librdkafka-dev pkg-config)"
    ;;
  *) fail "no check named $verb" ;;
esac
