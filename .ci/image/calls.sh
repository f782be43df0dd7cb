#!/usr/bin/env bash
# One read and one write on each server, signed in as the vendors' documents say. The servers are named by
# ERPSATZ_<SLUG>_URL; without, they are on their usual ports.
set -euo pipefail
onlineerp=${ERPSATZ_ONLINEERP_URL:-http://127.0.0.1:8081}
eightsens=${ERPSATZ_8SENS_URL:-http://127.0.0.1:8082}
comarch=${ERPSATZ_COMARCH_XT_URL:-http://127.0.0.1:8083}
weavy=${ERPSATZ_WEAVY_URL:-http://127.0.0.1:8084}
clavus=${ERPSATZ_CLAVUS_URL:-http://127.0.0.1:8085}

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
# field NAME [curl's arguments]: a field of a JSON answer
field() { local name=$1; shift; curl --silent --show-error --max-time 10 "$@" | sed -n "s/.*\"$name\" *: *\"\([^\"]*\)\".*/\1/p"; }
json='Content-Type: application/json'

basic=(--user DEMO-LICENCE:demo-secret --header 'COMPANY_ID: 0')
call 'onlineerp read' NoProduit "${basic[@]}" "$onlineerp/api/Entity/Product"
call 'onlineerp write' '' "${basic[@]}" --header "$json" "$onlineerp/api/Entity/Product" \
  --data '{"NoProduit":"IMAGE-1","Description":"Vis"}'

api_key='api_key: ZghY887665YhGH'
token=$(field access_token --header "$api_key" --data 'login=CLIENTREST&password=clientrest' "$eightsens/v1/login/user")
session=(--header "$api_key" --header "access_token: $token")
call '8sens read' artCode "${session[@]}" "$eightsens/v1/article"
call '8sens write' cliRaisonSociale "${session[@]}" --header "$json" "$eightsens/v1/client" \
  --data '{"cliRaisonSociale":"Quincaillerie","cliRefExterne":"IMAGE-1"}'

token=$(field access_token --user demo-client:demo-secret --data grant_type=client_credentials "$comarch/api2/public/token")
bearer=(--header "Authorization: Bearer $token")
call 'comarch-xt read' ProductCode "${bearer[@]}" "$comarch/api2/public/products"
call 'comarch-xt write' '' "${bearer[@]}" --header "$json" "$comarch/api2/public/products" \
  --data '{"Name":"Muster","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":20.00}'

token=$(field authToken --header "$json" "$weavy/v1/Authenticate" \
  --data '{"scope":"API","projectCode":"DEMO","userName":"api","password":"api"}')
bearer=(--header "Authorization: Bearer $token")
call 'weavy read' product_ID "${bearer[@]}" "$weavy/v1/Data/DEMO/product"
call 'weavy write' '' "${bearer[@]}" --header "$json" "$weavy/v1/Data/DEMO/product" \
  --data '{"product_ID":"IMAGE-1","description":"Vis"}'

key=(--header 'Authorization: Bearer demo-key' --header "$json" "$clavus/api/external/graphql")
call 'clavus read' totalCount "${key[@]}" --data '{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5) { totalCount } } }"}'
call 'clavus write' '"id"' "${key[@]}" --data '{"query":"mutation { upsertProspect(firstName: \"Image\") { id } }"}'
