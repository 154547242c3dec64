#!/usr/bin/env bash
# Whether the table of invariants in src/README.md is complete: each invariant has its row; the places where it is asserted are those in the
# code; the tests and mutants that it names exist, or a reason says why there is none.
#   invariants.sh [FOLDER OF A CHECKOUT]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
page=src/README.md
failed=no
complain() {
  echo "$page: $1" >&2
  failed=yes
}

declare -A headline asserted
# "7. **The answer is given exactly once**, and ..." A headline may go on in the next line.
while IFS=$'\t' read -r number text; do
  if [ -n "${headline[$number]:-}" ]; then complain "two invariants have the number $number"; fi
  headline[$number]=$text
done < <({ awk '/^## Invariants/ { on = 1; next } /^##/ { on = 0 } on' $page | tr '\n' ' ' && echo; } | sed 's/ \([0-9]*\)\. \*\*/\n\1. **/g' |
  sed -nE 's/^([0-9]+)\. \*\*([^*]+)\*\*.*/\1\t\2/p' | sed -E 's/  +/ /g; s/\.$//')
while IFS=: read -r file number; do
  case " ${asserted[$number]:-} " in *" $file "*) ;; *) asserted[$number]="${asserted[$number]:-}${asserted[$number]:+ }$file" ;; esac
done < <(grep -rhoHE 'TIDEMARK_INVARIANT\([0-9]+' src --include='*.?pp' | sed -E 's/^src\///; s/:TIDEMARK_INVARIANT\(/:/' | sort -u)

if grep -rnE 'TIDEMARK_INVARIANT\($' src; then complain "the number of an invariant stands in the line of TIDEMARK_INVARIANT"; fi

# shellcheck disable=SC2016
names() { grep -oE '`[^`]+`' <<<"$1" | tr -d '`' | sort | tr '\n' ' ' | sed 's/ $//'; }

declare -A rows
while IFS='|' read -r _ number text places tests mutants _; do
  number=${number// /}
  rows[$number]=1
  text=$(sed -E 's/^ +| +$//g' <<<"$text")
  [ "$text" = "${headline[$number]:-}" ] || complain "row $number says \"$text\", the invariant \"${headline[$number]:-nothing}\""
  if [[ $places == *none:* ]]; then
    [ -z "${asserted[$number]:-}" ] || complain "row $number gives a reason why it is not asserted, but it is, in ${asserted[$number]}"
  elif [ "$(names "$places")" != "$(tr ' ' '\n' <<<"${asserted[$number]:-}" | sort | tr '\n' ' ' | sed 's/ $//')" ]; then
    complain "row $number names$places, the code asserts it in ${asserted[$number]:-no file}"
  fi
  [ -n "$(names "$tests")" ] || complain "row $number names no test"
  for test in $(names "$tests"); do [ -f "tests/$test.cpp" ] || complain "row $number: there is no tests/$test.cpp"; done
  [[ $mutants == *none:* ]] || [ -n "$(names "$mutants")" ] || complain "row $number names no mutant and no reason"
  [[ $mutants == *none:* ]] || for mutant in $(names "$mutants"); do
    [ -f "tests/simulation/mutants/$mutant.patch" ] || complain "row $number: there is no mutant $mutant"
  done
done < <(grep -E '^\| [0-9]+ \|' $page)

for number in "${!headline[@]}"; do [ -n "${rows[$number]:-}" ] || complain "invariant $number has no row in the table"; done
for number in "${!asserted[@]}"; do
  [ -n "${headline[$number]:-}" ] || complain "${asserted[$number]} asserts invariant $number, which does not exist"
done
[ ${#headline[@]} -gt 0 ] || complain "no invariants were found"
[ $failed = no ]
