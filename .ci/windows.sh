#!/usr/bin/env bash
# The binary for Windows is compiled as far as that goes without its linker, so that what is Unix's alone stays behind `cfg`.
# Needs rustup's standard library for x86_64-pc-windows-gnu and Debian's gcc-mingw-w64-x86-64, which SQLite and ring are
# compiled by. Exits 77 where these cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/debian.sh.inc
target=x86_64-pc-windows-gnu
has_target() { [ -d "$(rustc --print sysroot)/lib/rustlib/$target/lib" ]; }
has_target || { command -v rustup >/dev/null && timeout 120 rustup target add "$target" >/dev/null 2>&1; } || true
has_target || { echo "the standard library for $target cannot be had"; exit 77; }
if ! command -v x86_64-w64-mingw32-gcc >/dev/null; then
  echo "mingw is missing: it is installed from Debian"
  debian --no-install-recommends gcc-mingw-w64-x86-64-posix ||
    { echo "gcc-mingw-w64-x86-64 is not installed and cannot be"; exit 77; }
fi
env -u RUSTFLAGS cargo clippy --quiet --locked --package erpsatz --target "$target" -- -D warnings
echo "erpsatz compiles for $target"
