#!/usr/bin/env bash
# What is made of the simulators' contracts stays true: the documents in contracts/, the facts that tests have used
# (contracts/tested.txt), and the table in each simulator's README.
#   coverage.sh BINARY FOLDER           fails when one of them is not what BINARY and the tests say
#   coverage.sh BINARY FOLDER --write   writes them instead
# FOLDER holds what a run of all tests left there: ERPSATZ_TESTED=FOLDER cargo test --workspace
set -euo pipefail
binary=$(realpath "$1") seen=$(realpath "$2") write=${3:-}
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
complain() { printf 'NOT TRUE: %s\n' "$*"; failed=1; }
# The README that has the place for a server's table; of a crate that has none, one is made.
readme() {
  grep -lF "<!-- coverage: begin $1 -->" crates/*/README.md && return
  if [ "$write" = --write ] && [ -d "crates/$1" ] && [ ! -e "crates/$1/README.md" ]; then
    printf '# %s\n\nA simulator of %s.\n\n<!-- coverage: begin %s -->\n<!-- coverage: end -->\n' "$1" "$2" "$1" >"crates/$1/README.md"
    echo "crates/$1/README.md"
  else
    echo "no crates/*/README.md has a line <!-- coverage: begin $1 -->, and one that ends it" >&2
    exit 1
  fi
}

# Only facts that the contracts have: a profile that a test made up is no coverage.
LC_ALL=C sort -u "$seen"/* > "$work/seen"
"$binary" coverage --facts --tested "$work/seen" > "$work/facts"
awk -F'\t' '$5 == "tested" { print $1 " " $2 " " $3 }' "$work/facts" | LC_ALL=C sort -u > "$work/tested"
tested=contracts/tested.txt
if [ "$write" = --write ]; then
  cp "$work/tested" "$tested"
elif lost=$(LC_ALL=C sort -u "$tested" | LC_ALL=C comm -13 "$work/tested" -) && [ -n "$lost" ]; then
  complain "$tested names what no test has used:"
  # Not `head`, which would end this script where there are more.
  sed -n 1,20p <<<"$lost"
fi
if untested=$(awk -F'\t' '$5 == "untested" && ($2 == "operation" || $2 == "setting")' "$work/facts") && [ -n "$untested" ]; then
  complain "these have no test:"
  printf '%s\n' "$untested"
fi

"$binary" servers > "$work/servers"
while IFS=$'\t' read -r slug _ _ kind title; do
  case $kind in
    openapi) document=contracts/$slug.json ;;
    graphql) document=contracts/$slug.graphql ;;
    *) complain "$slug has a contract of a kind that coverage.sh does not know: $kind"; continue ;;
  esac
  "$binary" contract "$slug" > "$work/document"
  if [ "$write" = --write ]; then
    cp "$work/document" "$document"
  elif ! diff -q "$work/document" "$document" >/dev/null; then
    complain "$document is not what the binary says"
  fi
  "$binary" coverage "$slug" --tested "$tested" | tail -n +3 > "$work/table"
  file=$(readme "$slug" "$title")
  awk -v table="$work/table" '
    /<!-- coverage: end -->/ { inside = 0 }
    !inside { print }
    /<!-- coverage: begin / { inside = 1; while ((getline line < table) > 0) print line }
  ' "$file" > "$work/readme"
  if [ "$write" = --write ]; then
    cp "$work/readme" "$file"
  elif ! diff "$work/readme" "$file" >/dev/null; then
    complain "the table in $file is not what the tests say"
  fi
done < "$work/servers"

[ "$failed" = 0 ] || { echo 'run the tests, then: bash .ci/coverage.sh BINARY FOLDER --write'; exit 1; }
printf '%s facts, %s of them seen by tests\n' "$(wc -l < "$work/facts")" "$(wc -l < "$work/tested")"
