#!/usr/bin/env bash
# Brings servers' jars to build/servers/NAME, by Maven, where they are not there yet. Maven's own cache makes a second clone quick.
#   fetch-jars.sh NAME[=VERSION]…    another version than the pom's: to build/servers/NAME-VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

for server in "$@"; do
  name=${server%%=*}
  version=
  if [ "$name" != "$server" ]; then version=${server#*=}; fi
  pom=tests/servers/$name/pom.xml
  folder=build/servers/$name${version:+-$version}
  if cmp -s "$pom" "$folder/pom.xml"; then continue; fi
  echo "== fetching $name${version:+ $version}"
  part=$PWD/$folder.$$
  rm -rf "$part"
  mvn -q -B -Dstyle.color=never ${version:+"-D$name.version=$version"} -f "$pom" dependency:copy-dependencies -DoutputDirectory="$part" </dev/null
  cp "$pom" "$part/"
  rm -rf "$folder"
  mv "$part" "$folder"
done
