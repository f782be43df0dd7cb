#!/usr/bin/env bash
# Clients that others' generators make of the contracts: openapi-typescript and hey-api for the REST servers, graphql-codegen
# for Clavus. Each is compiled strictly; life cycles run with them against the servers, and once more through prism, which holds
# every request and answer against the document. spectral finds no error in any of the documents.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
. ../servers.sh.inc
for tool in npm node curl python3; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
cat > package.json <<'JSON'
{
  "type": "module",
  "dependencies": {
    "openapi-typescript": "7.13", "openapi-fetch": "0.17", "@hey-api/openapi-ts": "0.95", "typescript": "5.9", "@types/node": "20",
    "@stoplight/spectral-cli": "6.16", "@stoplight/prism-cli": "5.14", "graphql": "16", "@graphql-codegen/cli": "5",
    "@graphql-codegen/typescript": "4", "@graphql-codegen/typescript-operations": "4", "@graphql-codegen/typed-document-node": "5"
  }
}
JSON
npm install --silent --no-fund --no-audit >/dev/null 2>&1 || { echo "the generators cannot be installed from npm"; exit 77; }
bin=$folder/node_modules/.bin
cp "$here"/generated/* .
mkdir contracts

# quietly COMMAND…: what it says only where it fails
quietly() { "$@" > "$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }; }

echo 'extends: ["spectral:oas"]' > .spectral.yaml
servers=$(slugs openapi)
for slug in $servers; do
  curl -sf "$ERPSATZ_CONTROL_URL/servers/$slug/contract" > "$slug.json"
  # Who has no life cycle of its own is called with the examples of its contract.
  if [ ! -f "$slug.ts" ]; then
    mapfile -t signed_in < <(python3 "$here/../collection.py" "$slug" "$(of "$slug" URL)" headers)
    node usual.mjs "$slug" "${signed_in[@]}" > "$slug.ts"
  fi
  quietly "$bin/spectral" lint --ruleset .spectral.yaml --fail-severity error "$slug.json"
  quietly "$bin/openapi-typescript" "$slug.json" -o "contracts/$slug.d.ts"
  quietly "$bin/openapi-ts" -i "$slug.json" -o "hey/$slug" -c @hey-api/client-fetch --no-log-file
done
curl -sf "$ERPSATZ_CONTROL_URL/servers/clavus/contract" > clavus.graphqls
cat > codegen.json <<'JSON'
{ "schema": "clavus.graphqls", "documents": "clavus.graphql", "generates": { "contracts/clavus.ts": {
  "plugins": ["typescript", "typescript-operations", "typed-document-node"],
  "config": { "strictScalars": true, "scalars": { "FilterValue": "string | number | boolean | string[] | number[]" } } } } }
JSON
quietly "$bin/graphql-codegen" --config codegen.json
"$bin/tsc" --strict --noUncheckedIndexedAccess --skipLibCheck --target es2022 --module nodenext --outDir out ./*.ts
cat > hey/tsconfig.json <<'JSON'
{ "compilerOptions": { "strict": true, "target": "es2022", "module": "esnext", "moduleResolution": "bundler", "noEmit": true,
  "lib": ["es2022", "dom", "dom.iterable"], "types": [] }, "include": ["*/**/*.ts"] }
JSON
"$bin/tsc" -p hey

for slug in $servers clavus; do node "out/$slug.js"; done

# Which port is free, the proxy cannot find out by itself.
port=$(node -e 'const server = require("net").createServer().listen(0, () => { console.log(server.address().port); server.close(); })')
for slug in $servers; do
  "$bin/prism" proxy "$slug.json" "$(of "$slug" URL)/~prism" --errors -p "$port" > prism.log 2>&1 & proxy=$!
  curl -s --retry 240 --retry-delay 1 --retry-connrefused -o /dev/null "http://127.0.0.1:$port/" || { cat prism.log; exit 1; }
  AT=http://127.0.0.1:$port node "out/$slug.js" >/dev/null || { tail -20 prism.log; exit 1; }
  kill "$proxy"; wait "$proxy" 2>/dev/null || true; proxy=
  printf '%s: spectral and prism find nothing, two generated clients compile\n' "$slug"
done

# The check can fail: a client that reads what no document has does not compile.
sed 's/NetTotal/NettoTotal/' comarch-xt.ts > other.ts
if "$bin/tsc" --strict --skipLibCheck --target es2022 --module nodenext --noEmit other.ts >/dev/null; then
  echo "an undocumented member compiles"
  exit 1
fi
