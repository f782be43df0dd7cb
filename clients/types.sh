#!/usr/bin/env bash
# types.sh BINARY [--check]: makes the types of the control API from its own document, for Python and TypeScript; with
# --check says what differs and exits 1.
set -euo pipefail
binary=$(realpath "$1")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$binary" contract control > "$work/control.json"

python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check 'datamodel-code-generator==0.89.0' ||
  { echo "datamodel-code-generator cannot be installed from PyPI"; exit 77; }
# A stub may say what Python 3.9 cannot; not all type checkers know of closed ones.
"$work/venv/bin/datamodel-codegen" --input "$work/control.json" --input-file-type openapi --openapi-scopes schemas \
  --output "$work/control_types.py" --output-model-type typing.TypedDict --target-python-version 3.10 \
  --use-standard-collections --use-schema-description --disable-timestamp --formatters builtin \
  --custom-file-header '# Made by clients/types.sh from `erpsatz contract control`; do not edit.' 2>"$work/log" ||
  { cat "$work/log"; exit 1; }
sed 's/, closed=True//; /^ *closed=True,$/d' "$work/control_types.py" > "$work/control_types.pyi"

npm install --silent --no-fund --no-audit --prefix "$work" openapi-typescript@7.13.0 typescript@5 >/dev/null 2>&1 ||
  { echo "openapi-typescript cannot be installed from npm"; exit 77; }
"$work/node_modules/.bin/openapi-typescript" "$work/control.json" --default-non-nullable=false -o "$work/control.ts" >/dev/null
{ echo '// Made by clients/types.sh from `erpsatz contract control`; do not edit.'; cat "$work/control.ts"; } > "$work/control.d.cts"

status=0
for file in control_types.pyi:python/src/erpsatz control.d.cts:node; do
  name=${file%%:*} folder=${file#*:}
  if [ "${2:-}" != --check ]; then
    cp "$work/$name" "$folder/$name"
  elif ! diff -u "$folder/$name" "$work/$name" > "$work/diff"; then
    head -40 "$work/diff"
    echo "$folder/$name is not what the control API says: bash clients/types.sh BINARY" >&2
    status=1
  fi
done
exit "$status"
