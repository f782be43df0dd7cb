#!/usr/bin/env bash
# The checks that take too long for every change: a million requests with the journal full, a hundred kills under load,
# and every fuzz target for minutes. `FUZZ_SECONDS` says how long each target runs (default 300).
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

step "a million requests, memory flat (release build)"
ERPSATZ_TEST_REQUESTS=1000000 cargo test --release -p erpsatz --test robustness -- --nocapture memory

step "a hundred kills under load, and a hundred while sandboxes come and go"
ERPSATZ_TEST_KILLS=100 cargo test --release -p erpsatz --test robustness -- --nocapture kills

step "20,000 random operations on the whole server, from a seed of its own"
seed=${RANDOM}
echo "ERPSATZ_TEST_SEED=$seed"
ERPSATZ_TEST_SEED=$seed ERPSATZ_TEST_STEPS=20000 cargo test --release -p integration-tests whole::

step "fuzzing, ${FUZZ_SECONDS:-300} seconds each"
bash .ci/fuzz.sh "${FUZZ_SECONDS:-300}"
