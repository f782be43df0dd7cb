#!/usr/bin/env bash
# The crate that hands SQLite a table of functions of ours (crates/pages), its tests under valgrind: no read or write of memory
# that is not there, nothing used before it is set, nothing lost. Exits 77 where valgrind cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/debian.sh.inc
command -v valgrind >/dev/null ||
  debian --no-install-recommends valgrind ||
  { echo "this check needs valgrind (Debian: apt-get install valgrind)"; exit 77; }

binary=$(cargo test --quiet -p pages --lib --no-run --message-format=json |
  sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
# Under valgrind everything takes thirty times as long.
PROPTEST_CASES=8 valgrind --quiet --error-exitcode=1 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
  "$binary" --test-threads=1 --quiet
