"use strict";
// A running Erpsatz: started here, or attached to.

const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { findBinary } = require("./binary.cjs");
const { Control, segment } = require("./control.cjs");
const { ErpsatzError, StartError } = require("./errors.cjs");
const { NAME_HEADER } = require("./life.cjs");
const { Sandbox } = require("./sandbox.cjs");
const { looksLikeFile, scenarioToSend } = require("./scenario.cjs");

/** How long a server may take to start: generated records take seconds. */
const START_TIMEOUT = 120_000;
const STOP_TIMEOUT = 10_000;

/** What of the server's log is kept. */
const LOG_LINES = 200;

/** What the server logs of a capsule (`capsules`). */
const KEPT = "a run failed and";

class Erpsatz {
  #urls;
  #servers;
  #ready;
  #started;
  #caFile;

  constructor(control, urls, servers, ready, started) {
    this.control = control;
    this.#urls = urls;
    this.#servers = Object.fromEntries(servers.map((server) => [server.slug, server]));
    this.#ready = ready;
    this.#started = started;
  }

  get controlUrl() {
    return this.control.url;
  }

  get slugs() {
    return Object.keys(this.#urls);
  }

  url(slug) {
    return of(this.#urls, slug);
  }

  httpsUrl(slug) {
    const given = this.#started ? undefined : process.env[variable(slug, "HTTPS_URL")];
    const found = given ?? this.#ready.servers?.[slug]?.https_url ?? of(this.#servers, slug).https_url;
    if (!found) throw new ErpsatzError(`this Erpsatz serves ${slug} without TLS`);
    return found.replace(/\/+$/, "");
  }

  get proxyUrl() {
    const found = (this.#started ? undefined : process.env.ERPSATZ_PROXY_URL) ?? this.#ready.proxy;
    if (!found) throw new ErpsatzError("this Erpsatz has no proxy; start it with { intercept: true }");
    return found.replace(/\/+$/, "");
  }

  get caFile() {
    this.#caFile ??= this.#root();
    return this.#caFile;
  }

  async #root() {
    if (!this.#started && process.env.ERPSATZ_CA) return process.env.ERPSATZ_CA;
    const root = await this.control.text("GET", "/ca.pem").catch((error) => {
      throw new ErpsatzError("this Erpsatz has no certificate: it serves without TLS", { cause: error });
    });
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "erpsatz-")), "ca.pem");
    fs.writeFileSync(file, root);
    process.on("exit", () => fs.rmSync(path.dirname(file), { recursive: true, force: true }));
    return file;
  }

  credentials(slug) {
    return { ...of(this.#servers, slug).credentials };
  }

  /** What every request carries, where keys in headers are all that signs in. */
  keyHeaders(slug) {
    return of(this.#servers, slug).headers;
  }

  async sandbox(wish = {}) {
    const { name, scenario, seed, failOn } = typeof wish === "string" ? { name: wish } : wish;
    const body = { name, seed, fail_on: failOn, scenario: scenario === undefined ? undefined : scenarioToSend(scenario) };
    return this.make(body).catch(async (error) => {
      // A name that exists is that one, when nothing is asked of it.
      const isBare = name && seed === undefined && failOn === undefined && scenario === undefined;
      if (error.status !== 409 || !isBare) throw error;
      const known = await this.control.json("GET", `/sandboxes/${segment(name)}`);
      return new Sandbox(this, known.name, known.id);
    });
  }

  /** A new sandbox, as the control API takes it. */
  async make(body) {
    // Where several machines share the sandboxes, their front goes by the name.
    const named = body.name ? { [NAME_HEADER]: body.name } : {};
    const made = await this.control.json("POST", "/sandboxes", body, undefined, named);
    return new Sandbox(this, made.name, made.id);
  }

  report({ failOn } = {}) {
    return this.control.json("GET", "/report", undefined, { fail_on: failOn });
  }

  async reset() {
    await this.control.json("POST", "/reset");
  }

  log() {
    return [...(this.#started?.log ?? [])];
  }

  async stop() {
    await this.#started?.stop();
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

/** A server that ends with this process, however this process ends: its stdin is ours. */
class Started {
  log = [];
  #child;
  #ended;

  constructor(options) {
    this.#child = spawn(findBinary(), options, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", resolve);
      this.#child.once("error", (error) => {
        this.log.push(`erpsatz cannot be started: ${error.message}`);
        resolve();
      });
    });
    this.#child.stdin.on("error", () => {});
    readline.createInterface({ input: this.#child.stderr }).on("line", (line) => {
      this.log.push(line);
      // Where a failed run is kept is of no use in a log that nobody sees.
      if (line.includes(KEPT)) console.error(line);
      if (this.log.length > LOG_LINES) this.log.shift();
    });
  }

  async ready() {
    const late = setTimeout(() => this.#child.kill("SIGKILL"), START_TIMEOUT);
    const lines = readline.createInterface({ input: this.#child.stdout });
    const said = new Promise((resolve) => lines.once("line", resolve));
    const line = await Promise.race([said, this.#ended.then(() => undefined)]);
    clearTimeout(late);
    if (typeof line !== "string") {
      throw new StartError(this.log.join("\n") || `erpsatz ended with ${this.#child.exitCode} before it was ready`);
    }
    // It does not keep the test process alive.
    this.#child.unref();
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) pipe.unref();
    return JSON.parse(line);
  }

  async stop() {
    this.#child.ref();
    this.#child.stdin.end();
    const late = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT);
    await this.#ended;
    clearTimeout(late);
  }
}

async function start(first, second) {
  const isScenario = typeof first === "string" || first instanceof URL || second !== undefined;
  const { scenario, ...options } = isScenario ? { ...second, scenario: first } : { ...first };
  const line = ["serve", "--until-eof", "--json"];
  if (!("port" in options || "controlPort" in options || "randomPorts" in options)) {
    line.push("--random-ports", "--control-port=0");
  }
  let written;
  if (scenario !== undefined) {
    let named = scenario instanceof URL ? require("node:url").fileURLToPath(scenario) : scenario;
    if (typeof named === "object") {
      written = fs.mkdtempSync(path.join(os.tmpdir(), "erpsatz-"));
      named = path.join(written, "scenario.json");
      fs.writeFileSync(named, JSON.stringify(scenario));
    }
    line.push(`--scenario=${looksLikeFile(named) ? path.resolve(named) : named}`);
  }
  for (const [name, value] of Object.entries(options)) line.push(...option(name, value));
  try {
    const started = new Started(line);
    const ready = await started.ready();
    const token = ready.control_token ?? options.controlToken ?? process.env.ERPSATZ_CONTROL_TOKEN;
    const control = new Control(ready.control, token);
    const { items } = await control.json("GET", "/servers");
    const urls = Object.fromEntries(Object.entries(ready.servers).map(([slug, { url }]) => [slug, url]));
    return new Erpsatz(control, urls, items, ready, started);
  } finally {
    if (written) fs.rmSync(written, { recursive: true, force: true });
  }
}

async function attach(first, second) {
  const isUrl = typeof first === "string" || first instanceof URL;
  const given = isUrl ? { ...second, url: String(first) } : { ...second, ...first };
  const url = given.url ?? process.env.ERPSATZ_CONTROL_URL;
  if (!url) throw new ErpsatzError("attach needs the URL of the control API, or ERPSATZ_CONTROL_URL");
  const control = new Control(url, given.token ?? process.env.ERPSATZ_CONTROL_TOKEN);
  const { items } = await control.json("GET", "/servers");
  const { hostname } = new URL(control.url);
  const urls = items.map(({ slug, port }) => {
    const found = given.urls?.[slug] ?? process.env[variable(slug, "URL")] ?? `http://${hostname}:${port}`;
    return [slug, found.replace(/\/+$/, "")];
  });
  return new Erpsatz(control, Object.fromEntries(urls), items, {});
}

/** `dataDir: "x"` as `--data-dir=x`. */
function option(name, value) {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === undefined || value === null || value === false) return [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.length ? [`${flag}=${value.join(",")}`] : [];
  if (typeof value === "object") return Object.entries(value).map(([key, one]) => `${flag}=${key}=${one}`);
  return [`${flag}=${value}`];
}

function variable(slug, name) {
  return `ERPSATZ_${slug.toUpperCase().replaceAll("-", "_")}_${name}`;
}

function of(known, slug) {
  if (!Object.hasOwn(known, slug)) {
    throw new ErpsatzError(`no server \`${slug}\` runs here, there are: ${Object.keys(known).join(", ")}`);
  }
  return known[slug];
}

module.exports = { Erpsatz, attach, start };
