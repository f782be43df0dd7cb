#!/usr/bin/env bash
# Errors of GraphQL documents against npm's graphql 16, word by word and place by place: a kept list, and 4,000 seeded
# mutations against each of Clavus's two schemas.
set -euo pipefail
cd "$(dirname "$0")"
for tool in npm node; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-fund --no-audit --prefix "$folder" graphql@16 >/dev/null 2>&1 ||
  { echo "graphql cannot be installed from npm"; exit 77; }
cp graphql-js/*.mjs "$folder"
root=$(cd ../.. && pwd)
(cd "$root" && cargo build --quiet -p graphql-js --example judge)
judge=${CARGO_TARGET_DIR:-$root/target}/debug/examples/judge
# What the crate's own test keeps is what graphql-js says.
node "$folder/judged.mjs" "$root/crates/graphql-js/tests/judged"
schemas=$root/crates/clavus/src
cat "$schemas/schema.graphql" "$schemas/lenient.graphql" > "$folder/lenient.graphql"
node "$folder/compare.mjs" "$judge" "$schemas/schema.graphql" 4000 1
node "$folder/compare.mjs" "$judge" "$folder/lenient.graphql" 4000 2
# The comparison can fail: a judge who knows another schema says other things.
sed 's/getTeams/getGroups/' "$schemas/schema.graphql" > "$folder/other.graphql"
if JUDGED_BY="$folder/other.graphql" node "$folder/compare.mjs" "$judge" "$schemas/schema.graphql" 100 1 >/dev/null; then
  echo "the comparison found no difference where there is one"
  exit 1
fi
