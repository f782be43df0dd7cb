#!/usr/bin/env bash
# Reads every product of Comarch ERP XT, page by page, with curl.
#
#   erpsatz exec --scenario token-expires-mid-sync -- examples/clients/sync.sh good   # exit 0
#   erpsatz exec --scenario token-expires-mid-sync -- examples/clients/sync.sh bad    # exit 3: a token for every call
set -euo pipefail

api="$ERPSATZ_COMARCH_XT_URL/api2/public"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

new_token() {
  token=$(curl -sf -u "$ERPSATZ_COMARCH_XT_CLIENT_ID:$ERPSATZ_COMARCH_XT_CLIENT_SECRET" \
    -d grant_type=client_credentials "$api/token" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
}

# Asks for the 50 products after the first $1; sets $status.
ask() {
  status=$(curl -s -o "$folder/page" -w '%{http_code}' -H "Authorization: Bearer $token" \
    "$api/products?\$orderby=Id&\$top=50&\$skip=$1")
}

# One token for as long as it lives: a 401 costs one new token and the same page again, a 5xx the same page again.
good() {
  [ -n "${token:-}" ] || new_token
  for _ in 1 2 3 4; do
    ask "$1"
    case $status in
      200) return ;;
      401) new_token ;;
      5??) sleep 0.1 ;;
      *) break ;;
    esac
  done
  echo "products after $1: HTTP $status" >&2
  exit 1
}

# A new token before every call, whatever the last one was worth.
bad() {
  new_token
  ask "$1"
  [ "$status" = 200 ] || bad "$1"
}

skip=0
until "$1" "$skip" && [ "$(cat "$folder/page")" = "[]" ]; do
  skip=$((skip + 50))
done
echo "all products are read"
