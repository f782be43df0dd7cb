// usual.mjs SLUG HEADER…: a client in TypeScript for a server that has no life cycle of its own here. It makes every call of the
// contract SLUG.json with the examples of the contract, in its order, signed in by these headers (`Name: value`).
import { readFileSync } from "node:fs";

const [slug, ...lines] = process.argv.slice(2);
const document = JSON.parse(readFileSync(`${slug}.json`, "utf8"));
const named = (one) => one.$ref ? one.$ref.slice(2).split("/").reduce((at, key) => at[key], document) : one;
const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s).slice(0, 2)));

const calls = Object.entries(document.paths).flatMap(([path, verbs]) =>
  ["get", "post", "put", "patch", "delete"].filter((verb) => verb in verbs).map((verb) => {
    const given = { params: {} };
    for (const one of [...(verbs.parameters ?? []), ...(verbs[verb].parameters ?? [])].map(named)) {
      if ("example" in one && (one.in === "path" || one.in === "query")) (given.params[one.in] ??= {})[one.name] = one.example;
    }
    const body = verbs[verb].requestBody?.content["application/json"]?.example;
    if (body !== undefined) given.body = body;
    return `given(await client.${verb.toUpperCase()}(${JSON.stringify(path)}, ${JSON.stringify(given)}));`;
  }));
if (calls.length === 0) throw new Error(`${slug} has no calls`);

console.log(`import createClient from "openapi-fetch";
import type { paths } from "./contracts/${slug}.js";
import { at, given } from "./common.js";

const client = createClient<paths>({ baseUrl: at("ERPSATZ_${slug.toUpperCase().replaceAll("-", "_")}"), headers: ${JSON.stringify(headers)} });
${calls.join("\n")}
console.log("${slug}: ${calls.length} calls with the examples of its contract");`);
