#!/usr/bin/env bash
# The checks that take too long for every change: a million requests with the journal full, a hundred kills under load,
# thousands of sandboxes, mutated requests, and every fuzz target for minutes. `LONG_PERCENT` scales all of them
# (default 100), `FUZZ_SECONDS` says how long each target runs (default 300), `LONG_PROFILE=dev` takes a debug build.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }

percent=${LONG_PERCENT:-100}
part() { echo $(( ($1 * percent + 99) / 100 )); }
robust() { cargo test --profile "${LONG_PROFILE:-release}" -p erpsatz --test robustness -- --nocapture "$@"; }

step "$(part 60000) mutated requests, lenient and strict; extreme values in every leaf"
ERPSATZ_TEST_EXTREMES_EVERY=1 ERPSATZ_TEST_MUTATIONS=$(part 30000) robust extremes

step "$(part 10000) sandboxes on all servers, in less than 4 GiB; what they took goes back"
ERPSATZ_TEST_SANDBOXES=$(part 10000) robust many

step "a million requests, memory flat (release build)"
ERPSATZ_TEST_REQUESTS=$(part 1000000) robust memory

step "a hundred kills under load, and a hundred while sandboxes come and go"
ERPSATZ_TEST_KILLS=$(part 100) robust kills

step "20,000 random operations on the whole server, from a seed of its own"
seed=${RANDOM}
echo "ERPSATZ_TEST_SEED=$seed"
ERPSATZ_TEST_SEED=$seed ERPSATZ_TEST_STEPS=$(part 20000) cargo test --profile "${LONG_PROFILE:-release}" -p integration-tests whole::

step "$(part 1000) random sessions kept as capsules and played again, equal to the byte"
ERPSATZ_TEST_SEED=$seed ERPSATZ_TEST_SESSIONS=$(part 1000) cargo test --profile "${LONG_PROFILE:-release}" -p integration-tests whole::replay

step "fuzzing, ${FUZZ_SECONDS:-300} seconds each"
code=0
bash .ci/fuzz.sh "${FUZZ_SECONDS:-300}" || code=$?
if [ "$code" = 77 ]; then
  echo "SKIPPED: fuzzing: cargo-fuzz or a C++ compiler cannot be had here" >&2
else
  exit "$code"
fi
