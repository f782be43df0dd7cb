#!/usr/bin/env bash
# The contracts of the REST servers under tools that nobody here wrote: an OpenAPI validator, and schemathesis, which makes
# requests of every operation (its examples, its edges, at random, and one after the other) and holds every answer against
# its schema.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
. ./python.sh.inc
. ../servers.sh.inc
python_with 'openapi-spec-validator==0.7.*' 'schemathesis==4.*'
bin=$(dirname "$python")
# schemathesis leaves notes where it runs.
cd "$folder"
export PYTHONPATH=$here/schemathesis SCHEMATHESIS_HOOKS=without_select
checks=not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance
examples=${ERPSATZ_SCHEMATHESIS_EXAMPLES:-5}

# Where a server is for the sandbox of these checks, and what a signed-in client sends.
at() { printf '%s/~%s' "$(of "$1" URL)" "$sandbox"; }
signed_in() {
  local line
  credentials=()
  while IFS= read -r line; do credentials+=(--header "$line"); done < <("$python" "$here/../collection.py" "$1" "$(at "$1")" headers)
  [ "${#credentials[@]}" -gt 0 ] || { echo "nobody knows how to sign in to $1"; exit 1; }
}
# What one server needs: the session that all requests share must not be ended; where one operation takes the records of
# every entity, edges of all combinations would take hours, and making them is slow.
options() {
  case $1 in
    8sens) own=(--exclude-path /v1/login/user) ;;
    weavy) own=(--suppress-health-check all) ;;
    *) own=() ;;
  esac
}
phases() { case $1 in weavy) echo examples,fuzzing,stateful ;; *) echo examples,coverage,fuzzing,stateful ;; esac; }

schemathesis() {
  local slug=$1; shift
  signed_in "$slug"
  options "$slug"
  "$bin/schemathesis" run "$folder/$slug.json" --url "$(at "$slug")" "${credentials[@]}" "${own[@]}" --checks "$checks" \
    --max-examples "$examples" --seed 1 --no-color --warnings off "$@"
}

# explore SLUG LOG: once more where the interpreter broke the run by itself while it read its own sources, which CPython
# 3.11 can do when two threads read at a time, so then with one; that says nothing of the server.
explore() {
  local workers
  for workers in 2 1; do
    schemathesis "$1" --phases "$(phases "$1")" --workers "$workers" > "$2" 2>&1 && return
    if [ "$workers" = 1 ] || ! grep -q 'AST constructor recursion depth mismatch' "$2"; then return 1; fi
  done
}

servers=$(slugs openapi)
for slug in $servers; do
  curl -sf "$ERPSATZ_CONTROL_URL/servers/$slug/contract" > "$folder/$slug.json"
  "$bin/python" -m openapi_spec_validator "$folder/$slug.json" >/dev/null
  sandbox=schemathesis
  if ! explore "$slug" "$folder/$slug.log"; then
    cat "$folder/$slug.log"
    exit 1
  fi
  operations=$(sed -n 's/.*Tested: *\([0-9]*\).*/\1/p' "$folder/$slug.log")
  cases=$(sed -n 's/^ *\([0-9]*\) generated.*/\1/p' "$folder/$slug.log")
  printf '%s: a valid document; schemathesis tried %s operations with %s requests, every answer as documented\n' \
    "$slug" "${operations:-no}" "${cases:-no}"
  [ "${operations:-0}" -gt 0 ]
done

# The check can fail: one answer that is not as documented, and schemathesis must say so.
sandbox=broken
curl -sf -X POST "$ERPSATZ_CONTROL_URL/sandboxes" -d '{"name":"broken"}' >/dev/null
curl -sf -X POST "$ERPSATZ_CONTROL_URL/sandboxes/broken/faults" -d '{"server":"onlineerp","when":{"method":"GET","path":"/api/Entity/Product"},
  "then":{"status":200,"headers":{"Content-Type":"application/json"},"body":[{"EstActif":"peut-être"}]}}' >/dev/null
if schemathesis onlineerp --include-operation-id listProduct --phases examples,fuzzing > "$folder/broken.log" 2>&1; then
  echo "schemathesis found nothing wrong with a broken answer"
  exit 1
fi
grep -q 'Response violates schema' "$folder/broken.log"
echo "a broken answer: found"
