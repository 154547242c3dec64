#!/usr/bin/env bash
# Whether each mutant still fits the sources.
#   mutants_apply.sh [FOLDER_OF_PATCHES]
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
mutants=$(realpath "${1:-$here/mutants}")
cd "$here/../.."
failed=no
for patch in "$mutants"/*.patch; do
  said=$(patch --dry-run --strip=1 --forward --fuzz=0 --input="$patch" </dev/null) || {
    failed=yes
    printf '%s does not apply: %s\n' "$(basename "$patch")" "$said" >&2
  }
done
[ $failed = no ]
