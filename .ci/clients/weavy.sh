#!/usr/bin/env bash
# The round of the public connector, spoken by Python's requests, against Divalto weavy.
set -euo pipefail
cd "$(dirname "$0")"
. ./python.sh.inc
python_with requests
"$python" weavy.py
