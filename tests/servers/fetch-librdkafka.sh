#!/usr/bin/env bash
# Brings a librdkafka that is newer than the distribution's to build/servers/librdkafka/librdkafka.so.1, out of a Python package, where it
# is not there yet: to run what was built with the old one, not to build with.
#   fetch-librdkafka.sh [VERSION]    with a version, that one's goes to build/servers/librdkafka-VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

package=confluent-kafka==${1:-2.16.1}
folder=build/servers/librdkafka${1:+-$1}
if [ "$(cat "$folder/package" 2>/dev/null)" = "$package" ]; then exit 0; fi
echo "== fetching librdkafka"
part=$PWD/$folder.$$
rm -rf "$part"
mkdir -p "$part"
python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --dest "$part" "$package" </dev/null
python3 -m zipfile -e "$part"/*.whl "$part/wheel"
# The wheel's librdkafka finds the libraries beside it.
cp "$part"/wheel/confluent_kafka.libs/* "$part/"
mv "$part"/librdkafka-*.so* "$part/librdkafka.so.1"
rm -rf "$part/wheel" "$part"/*.whl
echo "$package" >"$part/package"
rm -rf "$folder"
mv "$part" "$folder"
