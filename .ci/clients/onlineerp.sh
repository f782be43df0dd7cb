#!/usr/bin/env bash
# The four calls of the vendor's overview, as curl sends them: with and without the slash, right and wrong secret.
set -euo pipefail
command -v curl >/dev/null || { echo "curl is not installed"; exit 77; }
api="$ERPSATZ_ONLINEERP_URL/api/Entity/Product"

# status METHOD URL [curl options]: the status alone
status() { local method=$1 url=$2; shift 2; curl -s -o /dev/null -w '%{http_code}' -X "$method" "$@" "$url"; }
expect() { [ "$2" = "$3" ] || { echo "$1: $2, not $3"; exit 1; }; }

good=(-u DEMO-LICENCE:demo-secret -H 'COMPANY_ID: 0' -H 'Content-Type: application/json')
for slash in "" "/"; do
  product="{\"NoProduit\":\"CURL$slash\",\"Description\":\"Vis\"}"
  expect "GET $slash" "$(status GET "$api$slash" "${good[@]}")" 200
  expect "POST $slash" "$(status POST "$api$slash" "${good[@]}" -d "$product")" 201
  expect "PUT $slash" "$(status PUT "$api$slash" "${good[@]}" -d "$product")" 200
  expect "DELETE $slash" "$(status DELETE "$api$slash" "${good[@]}")" 405
  for method in GET POST PUT DELETE; do
    expect "$method with a wrong secret" "$(status "$method" "$api$slash" -u DEMO-LICENCE:wrong)" 401
    expect "$method without credentials" "$(status "$method" "$api$slash")" 401
  done
done
echo "curl: 24 calls answered as the overview says"
