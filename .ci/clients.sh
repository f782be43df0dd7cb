#!/usr/bin/env bash
# clients.sh BINARY: lets real clients speak to the binary: every executable in .ci/clients runs under its `exec`, which
# gives URLs and credentials as variables; ERPSATZ names the binary. A client that cannot be had here exits 77 and says why.
set -euo pipefail
if [ "${2:-}" != inside ]; then
  ERPSATZ=$(realpath "$1")
  export ERPSATZ
  exec "$ERPSATZ" exec -- bash "$0" "$ERPSATZ" inside
fi
cd "$(dirname "$0")/clients"

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
