#!/usr/bin/env bash
# The jars of Kafka.
#   fetch-kafka.sh [VERSION]    another version than the pom's: to build/servers/kafka-VERSION
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")"/fetch-jars.sh kafka "$@"
