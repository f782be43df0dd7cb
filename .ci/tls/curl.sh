#!/usr/bin/env bash
# A token of Comarch XT by curl, which trusts what CURL_CA_BUNDLE names.
set -euo pipefail
base=${BASE:-https://app.erpxt.de}
curl --silent --show-error --fail -u demo-client:demo-secret -d grant_type=client_credentials "$base/api2/public/token" |
  grep -q access_token
