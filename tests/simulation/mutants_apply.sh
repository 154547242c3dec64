#!/usr/bin/env bash
# Whether each mutant still fits the sources.
set -euo pipefail
mutants=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/mutants
cd "$mutants/../../.."
failed=no
for patch in "$mutants"/*.patch; do
  said=$(patch --dry-run --strip=1 --forward --fuzz=0 --input="$patch" </dev/null) || {
    failed=yes
    printf '%s does not apply: %s\n' "$(basename "$patch")" "$said" >&2
  }
done
[ $failed = no ]
