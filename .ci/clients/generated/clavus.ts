import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { FoldersDocument, UpsertDocument } from "./contracts/clavus.js";
import { check, variable } from "./common.js";

const url = `${variable("ERPSATZ_CLAVUS_URL")}/~typescript/api/external/graphql`;
const headers = { "Content-Type": "application/json", Authorization: `Bearer ${variable("ERPSATZ_CLAVUS_API_KEY")}` };

async function ask<R, V>(document: TypedDocumentNode<R, V>, variables: V): Promise<R> {
  const body = JSON.stringify({ query: print(document), variables });
  const answer = (await (await fetch(url, { method: "POST", headers, body })).json()) as { data: R; errors?: unknown[] };
  check(answer.errors === undefined, JSON.stringify(answer.errors));
  return answer.data;
}

const filters = [{ column: "commercial", operator: "=", value: "user1" }];
const folders = (await ask(FoldersDocument, { page: 1, size: 10, filters })).erpEnrAPI?.getFolders;
check((folders?.results ?? []).some((folder) => folder?.id === "def456"), "the folder is found");
const made = (await ask(UpsertDocument, { firstName: "Ada" })).upsertProspect;
const changed = (await ask(UpsertDocument, { id: made?.id ?? null, firstName: "Ada L." })).upsertProspect;
check(changed?.id === made?.id && changed?.firstName === "Ada L.", "the prospect is changed");
console.log("clavus: folders found, a prospect made and changed");
