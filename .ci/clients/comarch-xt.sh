#!/usr/bin/env bash
# Authlib, a mainstream OAuth client, against Comarch ERP XT.
set -euo pipefail
cd "$(dirname "$0")"
. ./python.sh.inc
python_with authlib requests
"$python" comarch-xt.py
