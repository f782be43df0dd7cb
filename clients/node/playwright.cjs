"use strict";
// A `test` for Playwright with the fixture `erp`.

const { expect, test: base } = require("@playwright/test");
const { end, sandboxFor, shared, stop } = require("./lib/test-runner.cjs");

const test = base.extend({
  scenario: [undefined, { option: true }],
  failOn: [undefined, { option: true }],
  seed: [undefined, { option: true }],
  keep: [undefined, { option: true }],
  erpsatz: [
    // Playwright reads the pattern to see what a fixture needs.
    async ({}, use) => {
      await use(await shared());
      await stop();
    },
    { scope: "worker" },
  ],
  erp: async ({ scenario, failOn, seed, keep, erpsatz: _ }, use, info) => {
    const about = { worker: info.parallelIndex, file: info.file, test: info.titlePath.slice(1).join(" "), root: info.config.rootDir };
    const erp = await sandboxFor(about, { scenario, failOn, seed });
    await use(erp);
    await end(erp, info.status !== info.expectedStatus, keep);
  },
});

module.exports = { expect, test };
