#!/usr/bin/env bash
# The jars of HBase and its Thrift2 gateway.
set -euo pipefail
"$(dirname "${BASH_SOURCE[0]}")"/fetch-jars.sh hbase
