#!/usr/bin/env bash
# The jars of ZooKeeper.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")"/fetch-jars.sh zookeeper
