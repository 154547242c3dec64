#!/usr/bin/env bash
# Brings Hadoop's jars to build/servers/hdfs, by Maven, where they are not there yet. Maven's own cache makes a second clone quick.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

pom=tests/servers/hdfs/pom.xml
folder=build/servers/hdfs
if cmp -s "$pom" "$folder/pom.xml"; then exit 0; fi
echo "== fetching HDFS"
part=$PWD/$folder.$$
rm -rf "$part"
mvn -q -B -Dstyle.color=never -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" </dev/null
cp "$pom" "$part/"
rm -rf "$folder"
mv "$part" "$folder"
