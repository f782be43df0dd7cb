#!/usr/bin/env bash
# Starts the binary on free ports and lets real clients speak to it: every executable in .ci/clients, with
# ERPSATZ_CONTROL_URL and ERPSATZ_<SLUG>_URL set. A client that cannot be had here exits 77 and says why.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")/clients"

folder=$(mktemp -d)
"$binary" serve --random-ports --json --ready-file "$folder/ready.json" >/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 100); do [ -s "$folder/ready.json" ] && break; sleep 0.1; done

url() { sed -n "s|.*\"$1\":{\"url\":\"\([^\"]*\)\"}.*|\1|p" "$folder/ready.json"; }
ERPSATZ_CONTROL_URL=$(sed -n 's|.*"control":"\([^"]*\)".*|\1|p' "$folder/ready.json")
export ERPSATZ_CONTROL_URL
for slug in onlineerp 8sens comarch-xt weavy clavus; do
  name=$(printf '%s' "$slug" | tr 'a-z-' 'A-Z_')
  export "ERPSATZ_${name}_URL=$(url "$slug")"
done

failed=0
for client in *; do
  [ -f "$client" ] && [ -x "$client" ] || continue
  printf -- '-- %s\n' "$client"
  status=0
  "./$client" || status=$?
  case $status in
    0) ;;
    77) printf 'SKIPPED %s: it cannot be had on this machine (see above); this does not count as passed\n' "$client" ;;
    *) printf 'FAILED %s (exit %s)\n' "$client" "$status"; failed=1 ;;
  esac
done
exit "$failed"
