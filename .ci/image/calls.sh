#!/usr/bin/env bash
# One read and one write on each server of the binary that ERPSATZ names, signed in as the vendors' documents say. The
# servers are where ERPSATZ_<SLUG>_URL says; without, on their usual ports.
set -euo pipefail
. "$(dirname "$0")/../servers.sh.inc"
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
# field NAME [curl's arguments]: a field of a JSON answer
field() { local name=$1; shift; curl --silent --show-error --max-time 10 "$@" | sed -n "s/.*\"$name\" *: *\"\([^\"]*\)\".*/\1/p"; }
json='Content-Type: application/json'

read_and_write() {
  local url token key user password
  url=$(of "$1" URL)
  case $1 in
    onlineerp)
      user=$(of "$1" USER) password=$(of "$1" PASSWORD)
      basic=(--user "$user:$password" --header 'COMPANY_ID: 0')
      call "$1 read" NoProduit "${basic[@]}" "$url/api/Entity/Product"
      call "$1 write" '' "${basic[@]}" --header "$json" "$url/api/Entity/Product" \
        --data '{"NoProduit":"IMAGE-1","Description":"Vis"}' ;;
    8sens)
      user=$(of "$1" USER) password=$(of "$1" PASSWORD) key="api_key: $(of "$1" API_KEY)"
      token=$(field access_token --header "$key" --data "login=$user&password=$password" "$url/v1/login/user")
      session=(--header "$key" --header "access_token: $token")
      call "$1 read" artCode "${session[@]}" "$url/v1/article"
      call "$1 write" cliRaisonSociale "${session[@]}" --header "$json" "$url/v1/client" \
        --data '{"cliRaisonSociale":"Quincaillerie","cliRefExterne":"IMAGE-1"}' ;;
    comarch-xt)
      user=$(of "$1" CLIENT_ID) password=$(of "$1" CLIENT_SECRET)
      token=$(field access_token --user "$user:$password" --data grant_type=client_credentials "$url/api2/public/token")
      bearer=(--header "Authorization: Bearer $token")
      call "$1 read" ProductCode "${bearer[@]}" "$url/api2/public/products"
      call "$1 write" '' "${bearer[@]}" --header "$json" "$url/api2/public/products" \
        --data '{"Name":"Muster","UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":20.00}' ;;
    weavy)
      user=$(of "$1" USER) password=$(of "$1" PASSWORD) project=$(of "$1" PROJECT)
      token=$(field authToken --header "$json" "$url/v1/Authenticate" \
        --data "{\"scope\":\"API\",\"projectCode\":\"$project\",\"userName\":\"$user\",\"password\":\"$password\"}")
      bearer=(--header "Authorization: Bearer $token")
      call "$1 read" product_ID "${bearer[@]}" "$url/v1/Data/$project/product"
      call "$1 write" '' "${bearer[@]}" --header "$json" "$url/v1/Data/$project/product" \
        --data '{"product_ID":"IMAGE-1","description":"Vis"}' ;;
    clavus)
      key=(--header "Authorization: Bearer $(of "$1" API_KEY)" --header "$json" "$url/api/external/graphql")
      call "$1 read" totalCount "${key[@]}" \
        --data '{"query":"{ erpEnrAPI { getFolders(page: 1, itemParPage: 5) { totalCount } } }"}'
      call "$1 write" '"id"' "${key[@]}" --data '{"query":"mutation { upsertProspect(firstName: \"Image\") { id } }"}' ;;
    *) unknown "$1" ;;
  esac
}

servers=$(slugs)
for slug in $servers; do read_and_write "$slug"; done
