#!/usr/bin/env bash
# The Postman collections of the REST servers, run by newman: every request is a documented success in the default data.
set -euo pipefail
. "$(dirname "$0")/../servers.sh.inc"
for tool in npm node; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-fund --no-audit --prefix "$folder" newman@6 >/dev/null 2>&1 ||
  { echo "newman cannot be installed from npm"; exit 77; }

servers=$(slugs openapi)
for slug in $servers; do
  curl -sf "$ERPSATZ_CONTROL_URL/servers/$slug/contract?format=postman" > "$folder/$slug.json"
  if ! "$folder/node_modules/.bin/newman" run "$folder/$slug.json" --env-var "baseUrl=$(of "$slug" URL)/~newman" --color off \
    --reporters cli,json --reporter-json-export "$folder/$slug.result.json" > "$folder/$slug.log" 2>&1; then
    cat "$folder/$slug.log"
    exit 1
  fi
  node -e '
    const { stats } = require(process.argv[1]).run;
    if (!stats.requests.total || stats.assertions.total < stats.requests.total) throw new Error("nothing was checked");
    console.log(`${process.argv[2]}: newman ran ${stats.requests.total} requests, every one a documented success`);
  ' "$folder/$slug.result.json" "$slug"
done
