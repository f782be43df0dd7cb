/// <reference types="node" preserve="true" />
/// <reference lib="esnext.disposable" preserve="true" />
import type { components } from "./control.cjs";

/** What the control API takes and gives, made from its own document. */
export type Schemas = components["schemas"];
export type Clock = Schemas["Clock"];
export type Entry = Schemas["Entry"];
export type Expectation = Schemas["Expectation"];
export type Fault = Schemas["Fault"];
export type Report = Schemas["Report"];
export type Rule = Schemas["Rule"];
export type RunReport = Schemas["RunReport"];
export type Verdict = Schemas["Verdict"];
export type Verified = Schemas["Verified"];

/** A known name, a file, or a whole scenario. */
export type Scenario = string | URL | Partial<Schemas["Scenario"]>;

/** What fails a run: `expectations`, `violations`, `errors`, `warnings`, with commas; or `none`. */
export type FailOn = string | string[];

/** A record in wire form. */
export type WireRecord = Record<string, unknown>;

/** A list of what there is; `total` is how many there are in all. */
export type Page<T> = T[] & { total: number };

/** Something that Erpsatz cannot do. */
export class ErpsatzError extends Error {}

/** The control API refused: the status of HTTP, and what programs tell errors by. */
export class ControlError extends ErpsatzError {
  readonly status: number;
  readonly code: string;
}

/** The server did not start; the message is its own. */
export class StartError extends ErpsatzError {}

/** The sandbox is gone, and with it what the test did in it: it was deleted or evicted, or its replica went. */
export class SandboxLost extends ErpsatzError {}

/** The options of `erpsatz serve` in camelCase: `only: ["weavy"]`, `strict: true`, `port: { weavy: 8084 }`. */
export interface StartOptions {
  scenario?: Scenario;
  only?: string[];
  strict?: boolean;
  seed?: number;
  port?: Record<string, number>;
  controlPort?: number;
  randomPorts?: boolean;
  controlToken?: string;
  dataDir?: string;
  /** A folder that keeps a capsule of each run that fails. */
  capsules?: string;
  scenarios?: string;
  seedData?: string;
  profile?: Record<string, string>;
  [option: string]: unknown;
}

export interface AttachOptions {
  /** The control API; ERPSATZ_CONTROL_URL without it. */
  url?: string;
  /** What it asks for beyond loopback; ERPSATZ_CONTROL_TOKEN without it. */
  token?: string;
  /** Servers that are not at ERPSATZ_…_URL, nor at the control API's host and their own port. */
  urls?: Record<string, string>;
}

export interface SandboxOptions {
  name?: string;
  scenario?: Scenario;
  seed?: number;
  failOn?: FailOn;
}

export interface JournalFilter {
  server?: string;
  method?: string;
  path?: string;
  status?: number;
  since?: number;
  limit?: number;
}

/** A running Erpsatz. */
export class Erpsatz implements AsyncDisposable {
  private constructor();
  /** Where the control API and the console are. */
  readonly controlUrl: string;
  /** The servers that run. */
  readonly slugs: string[];
  /** The proxy that answers for the vendors' own hosts. */
  readonly proxyUrl: string;
  /** A file with the root certificate. */
  readonly caFile: Promise<string>;
  /** Scheme, host and port of a server: its sandbox `default`. */
  url(slug: string): string;
  /** The same over TLS. */
  httpsUrl(slug: string): string;
  /** `user`, `password`, `client_id`, `client_secret`, `api_key`, `project`, as the server has them. */
  credentials(slug: string): Record<string, string>;
  /** A sandbox of its own. A name that exists is that one, when nothing is asked of it. */
  sandbox(wish?: string | SandboxOptions): Promise<Sandbox>;
  /** What the whole run came to, deleted sandboxes included. */
  report(options?: { failOn?: FailOn }): Promise<RunReport>;
  /** Brings every sandbox back to what its scenario starts it as. */
  reset(): Promise<void>;
  /** The last lines that a server which was started here has logged. */
  log(): string[];
  /** Ends the server that was started here; what was attached to goes on. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** One isolated world. */
export class Sandbox implements AsyncDisposable {
  private constructor();
  readonly erpsatz: Erpsatz;
  readonly name: string;
  /** Which sandbox of its name it is, as `Erpsatz-Sandbox-Id` says it. */
  readonly id: string;
  readonly clock: SandboxClock;
  readonly faults: Faults;
  /** The proxy that answers for the vendors' own hosts, in this sandbox. */
  readonly proxyUrl: string;
  /** A file with the root certificate. */
  readonly caFile: Promise<string>;
  /** A call of the control API on this sandbox. */
  call(method: string, path: string, body?: unknown, query?: Record<string, unknown>): Promise<any>;
  /** Where a server is for this sandbox, by prefix: `http://127.0.0.1:8083/~t42`. */
  url(slug: string): string;
  httpsUrl(slug: string): string;
  credentials(slug: string): Record<string, string>;
  /** `fetch` of a path of a server, in this sandbox; it signs in nowhere. */
  fetch(slug: string, path: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** `fetch` for one server, which signs in before its first request. */
  session(slug: string): Session;
  /** The records of an entity, past the public API's rules. */
  data(slug: string, entity: string, options?: { company?: string | number }): Data;
  /** What a person would do inside the ERP: what changed. */
  act(slug: string, action: string, parameters?: Record<string, unknown>): Promise<any>;
  /** What happened, oldest first. */
  journal(filter?: JournalFilter): Promise<Page<Entry> & { dropped: number }>;
  /** Adds an expectation as in a scenario file: its id. */
  expect(expectation: Expectation): Promise<string>;
  expect(expectations: Expectation[]): Promise<string[]>;
  /** Judges an expectation at once, over what the journal holds. */
  verify(expectation: Expectation): Promise<Verified>;
  report(options?: { failOn?: FailOn }): Promise<Report>;
  /** The report as a terminal shows it. */
  reportText(options?: { failOn?: FailOn }): Promise<string>;
  /** Says that it has been judged here: `erpsatz exec` fails nothing by it again. */
  markJudged(): Promise<void>;
  reset(): Promise<void>;
  snapshot(id: string): Promise<void>;
  restore(id: string): Promise<void>;
  load(scenario: Scenario): Promise<void>;
  /** The switches of a server. */
  settings(slug: string): ServerSettings;
  delete(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Session {
  readonly baseUrl: string;
  fetch(path: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** Signs in now; once more when a token has died. */
  signIn(): Promise<void>;
}

/** Simulated time. Moving it fires what falls due. */
export interface SandboxClock {
  now(): Promise<Date>;
  /** `PT15M`, `15m`, `2s`, or milliseconds. */
  advance(by: string | number): Promise<Date>;
  set(at: string | Date): Promise<Date>;
  freeze(): Promise<Date>;
  resume(): Promise<Date>;
}

export interface Faults {
  /** Adds a rule as in a scenario file: the rule with its `id`. */
  add(rule: Rule): Promise<Fault>;
  list(): Promise<Page<Fault>>;
  remove(fault: string | Fault): Promise<void>;
  clear(): Promise<void>;
}

export interface Data {
  list(options?: { limit?: number; offset?: number; q?: string }): Promise<Page<WireRecord>>;
  get(key: string | number): Promise<WireRecord>;
  add(record: WireRecord): Promise<WireRecord>;
  add(records: WireRecord[]): Promise<WireRecord[]>;
  put(key: string | number, record: WireRecord): Promise<WireRecord>;
  delete(key: string | number): Promise<void>;
}

export interface ServerSettings {
  get(): Promise<Record<string, unknown>>;
  /** Changes some, all or none; null brings a default back: every switch as it stands then. */
  set(values: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** Starts a server of its own on free ports. It ends with this process, however this process ends. */
export function start(options?: StartOptions): Promise<Erpsatz>;
export function start(scenario: Scenario | undefined, options: StartOptions): Promise<Erpsatz>;
export function start(scenario: string | URL): Promise<Erpsatz>;
/** An Erpsatz that runs already. */
export function attach(options?: AttachOptions): Promise<Erpsatz>;
export function attach(url: string | URL | undefined, options?: AttachOptions): Promise<Erpsatz>;
/** The path of the binary. */
export function findBinary(): string;

/** What a test's sandbox starts as, and what fails the test. */
export interface TestOptions {
  /** A known name, a file beside the test's or in the root, or a whole scenario. */
  scenario: Scenario | undefined;
  failOn: FailOn | undefined;
  seed: number | undefined;
  /** `failed` keeps a failed test's sandbox. */
  keep: "failed" | undefined;
}
