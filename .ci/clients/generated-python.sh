#!/usr/bin/env bash
# Clients that openapi-python-client makes of the contracts of the REST servers: checked by mypy where they are used, and used
# for a life cycle on each server; datamodel-code-generator makes models of each document that load.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
. ./python.sh.inc
. ../servers.sh.inc
python_with 'openapi-python-client==0.29.*' 'datamodel-code-generator==0.89.*' 'mypy==2.*'
bin=$(dirname "$python")
export PATH=$bin:$PATH
cd "$folder"
cp "$here"/generated/*.py .
# Values of their own as literals: enums would need a name for each.
printf "literal_enums: true\npost_hooks: []\n" > config.yaml
servers=$(slugs openapi)
for slug in $servers; do
  name=${slug//-/_}
  curl -sf "$ERPSATZ_CONTROL_URL/servers/$slug/contract" > "$slug.json"
  # The name is the document's own: it must be one of a package.
  # Who has no life cycle of its own is called with the examples of its contract.
  into=()
  [ -f "life_$name.py" ] || into=(--output-path "usual_$name")
  openapi-python-client generate --path "$slug.json" --meta none --config config.yaml "${into[@]}" > "$slug.log" 2>&1 || { cat "$slug.log"; exit 1; }
  if grep -q '^WARNING\|^ERROR\|Unable' "$slug.log"; then cat "$slug.log"; exit 1; fi
  datamodel-codegen --input "$slug.json" --input-file-type openapi --output "models_$name.py" --formatters builtin \
    --output-model-type pydantic_v2.BaseModel > "$slug.log" 2>&1 || { cat "$slug.log"; exit 1; }
  "$python" - "$slug" "models_$name" <<'PYTHON'
import importlib, json, sys

slug, name = sys.argv[1:]
made = [one for one in vars(importlib.import_module(name)).values() if getattr(one, "__module__", "") == name]
schemas = json.load(open(f"{slug}.json"))["components"]["schemas"]
assert len(made) >= len(schemas) > 0, f"{slug}: {len(made)} models of {len(schemas)} schemas"
PYTHON
done
"$python" -m compileall -q .
"$bin/mypy" --strict --follow-imports silent life_*.py
for slug in $servers; do
  name=${slug//-/_}
  if [ -f "life_$name.py" ]; then
    "$python" "life_$name.py"
  else
    mapfile -t signed_in < <("$python" "$here/../collection.py" "$slug" "$(of "$slug" URL)" headers)
    "$python" usual.py "$slug" "usual_$name" "${signed_in[@]}"
  fi
done
