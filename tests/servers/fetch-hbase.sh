#!/usr/bin/env bash
# Brings the jars of HBase and its Thrift2 gateway to build/servers/hbase, by Maven, where they are not there yet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

pom=tests/servers/hbase/pom.xml
folder=build/servers/hbase
if cmp -s "$pom" "$folder/pom.xml"; then exit 0; fi
echo "== fetching HBase"
part=$PWD/$folder.$$
rm -rf "$part"
mvn -q -B -Dstyle.color=never -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" </dev/null
cp "$pom" "$part/"
rm -rf "$folder"
mv "$part" "$folder"
