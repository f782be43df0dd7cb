"use strict";
// The control API over HTTP. Not by `fetch`: tests replace it.

const http = require("node:http");
const https = require("node:https");
const { ControlError, ErpsatzError } = require("./errors.cjs");

class Control {
  constructor(url, token) {
    this.url = url.replace(/\/+$/, "");
    this.token = token;
  }

  /** The body of the answer. `body` goes as JSON, a text as it is; what of `query` is undefined is left out; `extra` are headers. */
  text(method, path, body, query = {}, extra = {}) {
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
    }
    const headers = { ...extra };
    let data;
    if (body !== undefined) {
      data = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
      headers["content-type"] = typeof body === "string" ? "application/yaml" : "application/json";
      headers["content-length"] = data.length;
    }
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    return new Promise((resolve, reject) => {
      const unreachable = (error) => reject(new ErpsatzError(`no Erpsatz answers at ${this.url}: ${error.message}`, { cause: error }));
      const module = url.protocol === "https:" ? https : http;
      const request = module.request(url, { method, headers, agent: false, timeout: 60_000 }, (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("error", unreachable);
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if (answer.statusCode < 300) resolve(text);
          else reject(refusal(answer, text));
        });
      });
      request.on("timeout", () => request.destroy(new Error("no answer in 60 s")));
      request.on("error", unreachable);
      request.end(data);
    });
  }

  /** The JSON of the answer; undefined where there is none. */
  async json(method, path, body, query, extra) {
    const text = await this.text(method, path, body, query, extra);
    return text ? JSON.parse(text) : undefined;
  }
}

function refusal(answer, text) {
  try {
    const { code, message } = JSON.parse(text).error;
    return new ControlError(answer.statusCode, code, message);
  } catch {
    return new ControlError(answer.statusCode, "unknown", answer.statusMessage);
  }
}

module.exports = { Control, segment: encodeURIComponent };
