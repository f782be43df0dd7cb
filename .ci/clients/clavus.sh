#!/usr/bin/env bash
# Two real GraphQL clients: Python's gql introspects, validates and runs the calls of the vendor's page; the audit
# suite of npm's graphql-http finds no MUST broken.
set -euo pipefail
cd "$(dirname "$0")"
for tool in npm node; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done
export CLAVUS="$ERPSATZ_CLAVUS_URL/api/external/graphql"

. ./python.sh.inc
python_with 'gql[requests]==3.5.*'
"$python" - <<'PYTHON'
import os
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLError

transport = RequestsHTTPTransport(os.environ["CLAVUS"], headers={"Authorization": "Bearer demo-key"})
client = Client(transport=transport, fetch_schema_from_transport=True)

FOLDERS = gql("""
query ($page: Int!, $size: Int!, $search: String, $filters: [FilterInput], $sort: [SortByInput]) {
  erpEnrAPI {
    getFolders(page: $page, itemParPage: $size, search: $search, filterColumns: $filters, sortBy: $sort) {
      totalCount
      results { id columns { id name value } }
    }
  }
}""")
filters = [{"column": "commercial", "operator": "=", "value": "user1"}]
sort = [{"column": "date.creation", "direction": "desc"}]
page = {"page": 1, "size": 10, "filters": filters, "sort": sort}
found = client.execute(FOLDERS, page)["erpEnrAPI"]["getFolders"]
assert [folder["id"] for folder in found["results"][:2]] == ["def456", "abc123"], found
values = client.execute(gql('{ erpEnrAPI { getValuesByIds(ids: ["clsc618zi01qbwjw3m1hw93ge"]) { id values { id name label value } } } }'))
assert values["erpEnrAPI"]["getValuesByIds"][0]["values"][0]["value"] == "Marvin", values
lists = client.execute(gql('{ erpEnrAPI { getColumns(page: 1, itemParPage: 25) { id label } getTeams { id name description color } getUsers(teamId: "1") { id firstName lastName email } } }'))
assert [len(lists["erpEnrAPI"][name]) for name in ("getColumns", "getTeams", "getUsers")] == [20, 2, 2], lists
UPSERT = gql("mutation ($id: ID, $name: String, $power: Float) { upsertProspect(id: $id, firstName: $name, type: MORAL, puissanceKc: $power) { id firstName type puissanceKc } }")
made = client.execute(UPSERT, {"name": "Ada", "power": 300})["upsertProspect"]
changed = client.execute(UPSERT, {"id": made["id"], "name": "Ada L.", "power": 300.5})["upsertProspect"]
assert (made["puissanceKc"], changed["id"], changed["puissanceKc"]) == (300, made["id"], 300.5), changed
try:
    client.execute(gql("{ erpEnrAPI { getTeams { nom } } }"))
    raise SystemExit("gql found nothing wrong with an unknown field")
except GraphQLError:
    pass
try:
    client.execute(UPSERT, {"id": "nobody"})
    raise SystemExit("an unknown prospect was changed")
except TransportQueryError as error:
    assert error.errors[0]["extensions"]["code"] == "NOT_FOUND", error.errors
print("gql: introspection, five queries and three mutations answered as the page says")
PYTHON

npm install --silent --no-fund --no-audit --prefix "$folder" graphql-http@1 graphql@16 >/dev/null 2>&1 ||
  { echo "graphql-http cannot be installed from npm"; exit 77; }
cat > "$folder/audit.mjs" <<'NODE'
import { serverAudits } from "graphql-http";
const fetchFn = (url, init = {}) => {
  const headers = { ...Object.fromEntries(new Headers(init.headers)), authorization: "Bearer demo-key" };
  return fetch(url, { ...init, headers });
};
const results = [];
for (const audit of serverAudits({ url: process.env.CLAVUS, fetchFn })) results.push(await audit.fn());
const broken = results.filter((result) => result.status === "error");
for (const result of broken) console.error(`${result.id} ${result.name}: ${result.reason}`);
const ok = results.filter((result) => result.status === "ok").length;
console.log(`graphql-http: ${ok} of ${results.length} audits ok, ${broken.length} MUST broken`);
process.exit(broken.length || results.length < 40 ? 1 : 0);
NODE
node "$folder/audit.mjs"
