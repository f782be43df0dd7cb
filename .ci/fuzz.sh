#!/usr/bin/env bash
# fuzz.sh [SECONDS]: lets libFuzzer loose on every target for that long (60), all at once, from the kept corpus. Exits 77
# where cargo-fuzz cannot be had. What it finds is written to fuzz/artifacts: keep it in fuzz/corpus/TARGET once mended.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
tools=${CARGO_TARGET_DIR:-target}/tools
export PATH=$PATH:$PWD/$tools/bin:$tools/bin
# What the fuzzer needs of the compiler is not stable yet; this lets the pinned one do it.
export RUSTC_BOOTSTRAP=1

if ! cargo fuzz --version >/dev/null 2>&1 && ! cargo install --quiet cargo-fuzz --locked --root "$tools"; then
  echo "cargo-fuzz cannot be had: the corpus and its mutations are replayed by cargo test alone" >&2
  exit 77
fi
command -v c++ >/dev/null || { echo "libFuzzer needs a C++ compiler" >&2; exit 77; }

targets=$(cargo fuzz list)
cargo fuzz build
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
running=()
for target in $targets; do
  mkdir -p "$new/$target"
  cargo fuzz run "$target" "$new/$target" "fuzz/corpus/$target" -- -max_total_time="$seconds" -timeout=20 \
    -rss_limit_mb=2048 -max_len=8192 >"$new/$target.log" 2>&1 &
  running+=("$!:$target")
done
failed=0
for run in "${running[@]}"; do
  target=${run#*:}
  if wait "${run%%:*}"; then
    printf '%s: %s\n' "$target" "$(grep -a '^Done' "$new/$target.log")"
  else
    failed=1
    printf '%s FAILED\n' "$target"
    tail -40 "$new/$target.log"
  fi
done
exit "$failed"
