#!/usr/bin/env bash
# The jars of Spark.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")"/fetch-jars.sh spark
