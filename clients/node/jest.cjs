"use strict";
// A `test` for jest (and anything with jest's global `test`) whose function gets `{ erp, erpsatz }`.

const { ExpectationsMissed, judged, sandboxFor, shared, stop } = require("./lib/test-runner.cjs");

function around(name, options, body) {
  return async (...values) => {
    const state = globalThis.expect?.getState?.() ?? {};
    const about = { worker: process.env.JEST_WORKER_ID, file: state.testPath, test: state.currentTestName ?? name };
    const erp = await sandboxFor(about, options);
    let error;
    try {
      await body({ erp, erpsatz: await shared() }, ...values);
    } catch (thrown) {
      error = thrown ?? new Error("the test threw nothing");
    }
    const { block } = await judged(erp, error !== undefined);
    if (!(options.keep === "failed" && (error || block))) await erp.delete();
    if (error === undefined && block) throw new ExpectationsMissed(block);
    // jest shows the stack, which begins with the message.
    if (error instanceof Error && block) error.stack = `${error.stack?.replace(error.message, `${error.message}\n\n${block}`)}`;
    if (error !== undefined) throw error;
  };
}

function make(options) {
  const wrap = (runs) => (name, body, timeout) => runs()(name, around(name, options, body), timeout);
  const test = wrap(() => globalThis.test);
  test.only = wrap(() => globalThis.test.only);
  test.skip = (name, body, timeout) => globalThis.test.skip(name, body ?? (() => {}), timeout);
  test.todo = (name) => globalThis.test.todo(name);
  test.each = (table) => (name, body, timeout) => globalThis.test.each(table)(name, around(name, options, body), timeout);
  test.override = (more) => make({ ...options, ...more });
  return test;
}

// jest gives each file modules of its own, so a server of its own; answers that nobody read would keep jest waiting.
globalThis.afterAll?.(stop);

const test = make({});

module.exports = { it: test, test };
