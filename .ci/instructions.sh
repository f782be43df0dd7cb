#!/usr/bin/env bash
# .ci/instructions.sh BINARY [--write]: counts the instructions that requests take, and holds them against what
# benches/instructions.tsv says: none may take more than 5 % beyond it. `--write` renews that file, after a gain or where a
# feature is worth what it costs.
#
# What a count depends on: the code, the compiler and the optimisations, so that the file names its compiler and another
# one's counts are printed and judge nothing; hardly on the machine, and not on what else runs there. Exits 77 where
# valgrind cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/debian.sh.inc
binary=$(realpath "$1") mode=${2:-check}
kept=benches/instructions.tsv

if ! command -v valgrind >/dev/null; then
  if ! debian --no-install-recommends valgrind; then
    echo "counting instructions needs valgrind from Debian's packages, and root to install it" >&2
    exit 77
  fi
fi
python3 .ci/instructions/count.py "$binary" "$kept" "$mode" "$(rustc --version)"
