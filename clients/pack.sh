#!/usr/bin/env bash
# pack.sh OUT: leaves the Python wheel, the npm package and this platform's npm package in OUT. ERPSATZ_BIN names the
# binary that goes into them, and nothing is compiled; without it a release is built first.
set -euo pipefail
[ $# = 1 ] || { echo "usage: [ERPSATZ_BIN=BINARY] bash clients/pack.sh OUT" >&2; exit 2; }
mkdir -p "$1"
out=$(realpath "$1")
cd "$(dirname "$0")"

if [ -z "${ERPSATZ_BIN:-}" ]; then
  cargo build --release -p erpsatz --manifest-path ../Cargo.toml
  ERPSATZ_BIN=${CARGO_TARGET_DIR:-../target}/release/erpsatz
fi
ERPSATZ_BIN=$(realpath "$ERPSATZ_BIN")
export ERPSATZ_BIN

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$(command -v python3 || command -v python)" -m venv "$work/venv"
bin=$work/venv/bin
# Windows has another name for it.
[ -d "$bin" ] || bin=$work/venv/Scripts
"$bin/python" -m pip install --quiet --disable-pip-version-check 'hatchling==1.27.*'
cp -r python "$work/python"
cp ../LICENSE-MIT ../LICENSE-APACHE "$work/python/"
(cd "$work/python" && "$bin/hatchling" build -t wheel -d "$out" >/dev/null)

bash node/pack.sh "$out"
ls -l "$out"
