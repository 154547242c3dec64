#!/usr/bin/env bash
# Brings Confluent's Parallel Consumer to build/servers/parallel-consumer, by Maven, where it is not there yet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

pom=bench/contenders/parallel/pom.xml
folder=build/servers/parallel-consumer
if cmp -s "$pom" "$folder/pom.xml"; then exit 0; fi
echo "== fetching the Parallel Consumer"
part=$PWD/$folder.$$
rm -rf "$part"
mkdir -p build/servers
mvn -q -B -Dstyle.color=never -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" </dev/null
cp "$pom" "$part/"
rm -rf "$folder"
mv "$part" "$folder"
