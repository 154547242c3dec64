#!/usr/bin/env bash
# The jars of Hadoop.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")"/fetch-jars.sh hdfs
