#!/usr/bin/env bash
# Authlib, a mainstream OAuth client, against Comarch ERP XT.
set -euo pipefail
cd "$(dirname "$0")"
if ! command -v python3 >/dev/null; then
  echo "python3 is missing"
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check authlib requests
"$folder/venv/bin/python" comarch-xt.py
