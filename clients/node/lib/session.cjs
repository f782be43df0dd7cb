"use strict";
// `fetch` for one server of a sandbox, which signs in before its first request.

const { ErpsatzError } = require("./errors.cjs");
const { fetchIn } = require("./life.cjs");

const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
const bearer = (token) => ({ authorization: `Bearer ${token}` });

/** How a client signs in, a vendor each: headers of every request, and the log-in before the first. Another vendor's server names its headers. */
const VENDORS = {
  onlineerp: ({ user, password }) => ({ headers: { authorization: basic(user, password), company_id: "0" } }),
  "8sens": ({ api_key, user, password }) => ({
    headers: { api_key },
    login: {
      path: "/v1/login/user",
      body: new URLSearchParams({ login: user, password }),
      signed: (answer) => bearer(answer.access_token),
    },
  }),
  "comarch-xt": ({ client_id, client_secret }) => ({
    login: {
      path: "/api2/public/token",
      headers: { authorization: basic(client_id, client_secret) },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
      signed: (answer) => bearer(answer.access_token),
    },
  }),
  weavy: ({ project, user, password }) => ({
    login: {
      path: "/v1/Authenticate",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ projectCode: project, userName: user, password }),
      signed: (answer) => bearer(answer.authToken),
    },
  }),
  clavus: ({ api_key }) => ({ headers: bearer(api_key) }),
};

class Session {
  #vendor;
  #signed;
  #sandbox;

  constructor(baseUrl, slug, credentials, headers, sandbox) {
    this.baseUrl = baseUrl;
    this.#sandbox = sandbox;
    if (!VENDORS[slug] && !headers && Object.keys(credentials).length) {
      throw new ErpsatzError(`this package does not know how to sign in to ${slug}`);
    }
    this.#vendor = VENDORS[slug]?.(credentials) ?? { headers };
  }

  /** As `fetch`; a path is resolved under `baseUrl`. */
  async fetch(path, init = {}) {
    this.#signed ??= this.#signIn();
    const headers = new Headers(this.#vendor.headers);
    for (const [name, value] of Object.entries(await this.#signed)) headers.set(name, value);
    new Headers(init.headers).forEach((value, name) => headers.set(name, value));
    return fetchIn(this.#sandbox, this.baseUrl, resolved(this.baseUrl, path), { ...init, headers });
  }

  /** Signs in now; once more when a token has died. */
  async signIn() {
    this.#signed = this.#signIn();
    await this.#signed;
  }

  async #signIn() {
    const { headers, login } = this.#vendor;
    if (!login) return {};
    const all = { ...headers, ...login.headers };
    const asked = { method: "POST", headers: all, body: login.body };
    const answer = await fetchIn(this.#sandbox, this.baseUrl, this.baseUrl + login.path, asked);
    if (!answer.ok) {
      this.#signed = undefined;
      throw new ErpsatzError(`signing in at ${this.baseUrl}${login.path} was refused: ${answer.status} ${await answer.text()}`);
    }
    return login.signed(await answer.json());
  }
}

/** `path` under `base`, whose own path it keeps; a whole URL stays. */
function resolved(base, path) {
  if (typeof path !== "string") return path;
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(path) ? path : `${base}/${path.replace(/^\/+/, "")}`;
}

module.exports = { Session, resolved };
