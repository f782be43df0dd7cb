"use strict";
// Which sandbox of a name is meant: one that is made anew has another id.

const { SandboxLost } = require("./errors.cjs");

const ID_HEADER = "erpsatz-sandbox-id";
const NAME_HEADER = "erpsatz-sandbox";

/** `fetch` under `base`: the request says which sandbox it means, and an answer of another is none. */
async function fetchIn({ name, id }, base, target, init) {
  const request = target instanceof Request ? target : undefined;
  if (!id || !(request?.url ?? String(target)).startsWith(base)) return fetch(target, init);
  const headers = new Headers(init?.headers ?? request?.headers);
  headers.set(ID_HEADER, id);
  const answer = await fetch(target, { ...init, headers });
  const answered = answer.headers.get(ID_HEADER);
  if (answered && answered !== id) throw new SandboxLost(name);
  return answer;
}

module.exports = { ID_HEADER, NAME_HEADER, fetchIn };
