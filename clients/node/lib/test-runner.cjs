"use strict";
// What vitest, jest and Playwright have in common: one server a worker, one sandbox a test, judged at its end.

const { createHash, randomUUID } = require("node:crypto");
const path = require("node:path");
const { attach, start } = require("./running.cjs");
const { scenarioToSend } = require("./scenario.cjs");

const RUN = randomUUID().slice(0, 8);
const LONGEST_NAME = 63;

let running;
let made = 0;

/** The Erpsatz of ERPSATZ_CONTROL_URL, or one that is started for this worker and ends with it. */
function shared() {
  running ??= process.env.ERPSATZ_CONTROL_URL ? attach() : start();
  return running;
}

/** Ends what `shared` has started. */
async function stop() {
  const started = running;
  running = undefined;
  await (await started)?.stop();
}

/** `RUN-WORKER-TEST-HASH`; a test that is tried again has another hash. */
function sandboxName(worker, file, test) {
  made += 1;
  const slug = `${RUN}-${worker}-${test}`.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const hash = createHash("sha256").update(`${file} ${test} ${process.pid} ${made}`).digest("hex").slice(0, 8);
  return `${slug.slice(0, LONGEST_NAME - 9).replace(/-+$/, "")}-${hash}`;
}

/** A sandbox for one test; a scenario's file is looked for beside the test's file and in `root`. */
function sandboxFor({ worker = 0, file, test, root = process.cwd() }, { scenario, failOn, seed }) {
  const folders = [file ? path.dirname(file) : root, root];
  const sent = scenario === undefined ? undefined : scenarioToSend(scenario, folders);
  const name = sandboxName(worker, file, test);
  return shared().then(async (erpsatz) => {
    return erpsatz.make({ name, seed, fail_on: failOn, scenario: sent });
  });
}

/** A test's expectations were missed; the message is the judge's block. */
class ExpectationsMissed extends Error {
  name = "ExpectationsMissed";
  constructor(block) {
    super(block);
    // Where the judge spoke says nothing about the test.
    this.stack = block;
  }
}

/** Whether the sandbox fails the test, and the judge's block when it does or when a failed test may want to know. */
async function judged(erp, hasFailed) {
  const { failed } = await erp.report();
  const block = (await erp.reportText()).trimEnd();
  await erp.markJudged();
  return { failed, block: failed || (hasFailed && block.includes("\n")) ? block : undefined };
}

/** Judges the sandbox of a test that is done, and removes it unless it is to be kept: throws what fails the test. */
async function end(erp, hasFailed, keep) {
  const { failed, block } = await judged(erp, hasFailed);
  if (!(keep === "failed" && (hasFailed || failed))) await erp.delete();
  if (failed) throw new ExpectationsMissed(block);
  if (block) console.error(block);
}

module.exports = { ExpectationsMissed, end, judged, sandboxFor, shared, stop };
