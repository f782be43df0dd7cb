"use strict";
// One isolated world of a running Erpsatz.

const { segment } = require("./control.cjs");
const { SandboxLost } = require("./errors.cjs");
const { ID_HEADER, fetchIn } = require("./life.cjs");
const { scenarioToSend } = require("./scenario.cjs");
const { Session, resolved } = require("./session.cjs");

class Sandbox {
  #path;

  constructor(erpsatz, name, id = "") {
    this.erpsatz = erpsatz;
    this.name = name;
    this.id = id;
    this.#path = `/sandboxes/${segment(name)}`;
    this.clock = new Clock(this);
    this.faults = new Faults(this);
  }

  call(method, path, body, query) {
    return this.#asked("json", method, path, body, query);
  }

  /** A call that means this sandbox and no other of its name. */
  async #asked(kind, method, path, body, query) {
    try {
      const means = this.id ? { [ID_HEADER]: this.id } : {};
      return await this.erpsatz.control[kind](method, this.#path + path, body, query, means);
    } catch (error) {
      if (this.id && error.code === "sandbox_lost") throw new SandboxLost(this.name);
      if (this.id && error.code === "unknown_sandbox") throw new SandboxLost(this.name, "there is none of that name");
      throw error;
    }
  }

  url(slug) {
    return `${this.erpsatz.url(slug)}/~${this.name}`;
  }

  httpsUrl(slug) {
    return `${this.erpsatz.httpsUrl(slug)}/~${this.name}`;
  }

  get proxyUrl() {
    const url = new URL(this.erpsatz.proxyUrl);
    // Most clients send no credentials without a password; the proxy may have named the one that it asks for.
    [url.username, url.password] = [this.name, url.password || "x"];
    return url.href.replace(/\/$/, "");
  }

  get caFile() {
    return this.erpsatz.caFile;
  }

  credentials(slug) {
    return this.erpsatz.credentials(slug);
  }

  fetch(slug, path, init) {
    return fetchIn(this, this.url(slug), resolved(this.url(slug), path), init);
  }

  session(slug) {
    return new Session(this.url(slug), slug, this.credentials(slug), this.erpsatz.keyHeaders(slug), this);
  }

  data(slug, entity, { company } = {}) {
    return new Data(this, slug, entity, company);
  }

  act(slug, action, parameters = {}) {
    return this.call("POST", `/actions/${segment(slug)}/${segment(action)}`, parameters);
  }

  async journal(filter) {
    const { entries, total, dropped } = await this.call("GET", "/journal", undefined, filter);
    return Object.assign(entries, { total, dropped });
  }

  async expect(expectation) {
    const { items } = await this.call("POST", "/expectations", expectation);
    const ids = items.map(({ id }) => id);
    return Array.isArray(expectation) ? ids : ids[0];
  }

  verify(expectation) {
    return this.call("POST", "/verify", expectation);
  }

  report({ failOn } = {}) {
    return this.call("GET", "/report", undefined, { fail_on: failOn });
  }

  reportText({ failOn } = {}) {
    return this.#asked("text", "GET", "/report", undefined, { format: "text", fail_on: failOn });
  }

  async markJudged() {
    await this.call("POST", "/judged");
  }

  async reset() {
    await this.call("POST", "/reset");
  }

  async snapshot(id) {
    await this.call("PUT", `/snapshots/${segment(id)}`);
  }

  async restore(id) {
    await this.call("POST", `/snapshots/${segment(id)}/restore`);
  }

  async load(scenario) {
    const sent = scenarioToSend(scenario);
    const isName = typeof sent === "string" && !sent.includes("\n");
    await this.call("PUT", "/scenario", isName ? { name: sent } : sent);
  }

  settings(slug) {
    return new ServerSettings(this, slug);
  }

  async delete() {
    await this.call("DELETE", "");
  }

  async [Symbol.asyncDispose]() {
    await this.delete();
  }
}

class Clock {
  #sandbox;

  constructor(sandbox) {
    this.#sandbox = sandbox;
  }

  async #change(change) {
    return new Date((await this.#sandbox.call("PATCH", "/clock", change)).now);
  }

  async now() {
    return new Date((await this.#sandbox.call("GET", "/clock")).now);
  }

  advance(by) {
    return this.#change({ advance: typeof by === "number" ? `${Math.round(by)}ms` : by });
  }

  set(at) {
    return this.#change({ set: at instanceof Date ? at.toISOString() : at });
  }

  freeze() {
    return this.#change({ frozen: true });
  }

  resume() {
    return this.#change({ frozen: false });
  }
}

class Faults {
  #sandbox;

  constructor(sandbox) {
    this.#sandbox = sandbox;
  }

  add(rule) {
    return this.#sandbox.call("POST", "/faults", rule);
  }

  async list() {
    return page(await this.#sandbox.call("GET", "/faults"));
  }

  async remove(fault) {
    await this.#sandbox.call("DELETE", `/faults/${segment(typeof fault === "string" ? fault : fault.id)}`);
  }

  async clear() {
    await this.#sandbox.call("DELETE", "/faults");
  }
}

class Data {
  #sandbox;
  #path;
  #company;

  constructor(sandbox, slug, entity, company) {
    this.#sandbox = sandbox;
    this.#path = `/data/${segment(slug)}/${segment(entity)}`;
    this.#company = company;
  }

  #call(method, path, body, query) {
    return this.#sandbox.call(method, this.#path + path, body, { ...query, company: this.#company });
  }

  async list({ limit, offset, q } = {}) {
    return page(await this.#call("GET", "", undefined, { limit, offset, q }));
  }

  get(key) {
    return this.#call("GET", `/${segment(key)}`);
  }

  add(record) {
    return this.#call("POST", "", record);
  }

  put(key, record) {
    return this.#call("PUT", `/${segment(key)}`, record);
  }

  async delete(key) {
    await this.#call("DELETE", `/${segment(key)}`);
  }
}

class ServerSettings {
  #sandbox;
  #path;

  constructor(sandbox, slug) {
    this.#sandbox = sandbox;
    this.#path = `/settings/${segment(slug)}`;
  }

  get() {
    return this.#sandbox.call("GET", this.#path);
  }

  set(values) {
    return this.#sandbox.call("PATCH", this.#path, values);
  }
}

function page({ items, total }) {
  return Object.assign(items, { total });
}

module.exports = { Sandbox };
