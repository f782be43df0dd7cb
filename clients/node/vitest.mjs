// A `test` for vitest with the fixture `erp`.
import { test as base } from "vitest";
import runner from "./lib/test-runner.cjs";

const { end, sandboxFor, shared } = runner;

export const test = base.extend({
  scenario: undefined,
  failOn: undefined,
  seed: undefined,
  keep: undefined,
  // eslint-disable-next-line no-empty-pattern -- vitest reads the pattern to see what a fixture needs
  erpsatz: async ({}, use) => use(await shared()),
  erp: async ({ scenario, failOn, seed, keep, task }, use) => {
    const about = { worker: process.env.VITEST_POOL_ID, file: task.file?.filepath, test: task.name };
    const erp = await sandboxFor(about, { scenario, failOn, seed });
    await use(erp);
    await end(erp, task.result?.state === "fail", keep);
  },
});

export const it = test;
export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from "vitest";
