#!/usr/bin/env bash
# One read and one write on each server of the binary that ERPSATZ names, signed in as its contract says. The servers are
# where ERPSATZ_<SLUG>_URL says; without, on their usual ports.
set -euo pipefail
here=$(dirname "$0")
. "$here/../servers.sh.inc"
usual=$("$ERPSATZ" servers --env)
while IFS='=' read -r name value; do
  [ -n "${!name:-}" ] || export "$name=$value"
done <<<"$usual"

# call WHAT WORD [curl's arguments]: a call that succeeds with WORD in its answer
call() {
  local what=$1 word=$2 answer
  shift 2
  answer=$(curl --silent --show-error --fail-with-body --max-time 10 "$@") || { echo "$what: ${answer:0:300}" >&2; exit 1; }
  case $answer in
    *"$word"*) echo "$what: ok" ;;
    *) echo "$what: no $word in ${answer:0:300}" >&2; exit 1 ;;
  esac
}

servers=$(slugs openapi)
for slug in $servers; do python3 "$here/../collection.py" "$slug" "$(of "$slug" URL)" try; done

# What is not REST has no collection.
servers=$(slugs graphql)
for slug in $servers; do
  case $slug in
    clavus)
      key=(--header "Authorization: Bearer $(of "$slug" API_KEY)" --header 'Content-Type: application/json')
      endpoint=$(of "$slug" URL)/api/external/graphql
      call "$slug read" totalCount "${key[@]}" "$endpoint" \
        --data '{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5) { totalCount } } }"}'
      call "$slug write" '"id"' "${key[@]}" "$endpoint" \
        --data '{"query":"mutation { upsertProspect(firstName: \"Image\") { id } }"}' ;;
    *) unknown "$slug" ;;
  esac
done
