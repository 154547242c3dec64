#!/usr/bin/env bash
# Brings Kafka's jars to build/servers/kafka, by Maven, where they are not there yet. Maven's own cache makes a second clone quick.
#   fetch-kafka.sh [VERSION]    another version than the pom's: to build/servers/kafka-VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=${1:-}
pom=tests/servers/kafka/pom.xml
folder=build/servers/kafka${version:+-$version}
if cmp -s "$pom" "$folder/pom.xml"; then exit 0; fi
echo "== fetching Kafka $version"
part=$PWD/$folder.$$
rm -rf "$part"
mvn -q -B -Dstyle.color=never ${version:+"-Dkafka.version=$version"} -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" </dev/null
cp "$pom" "$part/"
rm -rf "$folder"
mv "$part" "$folder"
