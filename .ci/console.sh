#!/usr/bin/env bash
# The console: its types, and a browser that plays what people do with it.
#   console.sh BINARY [PICTURE]     the picture is the one in the README
set -euo pipefail
binary=$(realpath "$1")
picture=${2:+$(realpath "$2")}
cd "$(dirname "$0")/console"
. ../debian.sh.inc

if ! command -v npm >/dev/null; then echo "the console's checks need Node.js and npm"; exit 77; fi
if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
  if ! debian chromium; then
    echo "the console's checks need Chromium (Debian: apt-get install chromium)"; exit 77
  fi
fi
npm ci --no-audit --no-fund --silent
npx tsc -p ../../console/jsconfig.json
# A failed check may leave a server behind, for which node would wait.
ERPSATZ_BIN=$binary ERPSATZ_SCREENSHOT=$picture timeout --kill-after=10 10m node --test console.test.mjs
