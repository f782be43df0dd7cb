"use strict";
// Scenarios as callers name them: a known name, a file, or a whole one.

const fs = require("node:fs");
const path = require("node:path");
const { fileURLToPath } = require("node:url");
const { ErpsatzError } = require("./errors.cjs");

function looksLikeFile(scenario) {
  return /[/\\.]/.test(scenario);
}

/** A scenario as `POST /sandboxes` takes it; a file is looked for in `folders`. */
function scenarioToSend(scenario, folders = [process.cwd()]) {
  const named = scenario instanceof URL ? fileURLToPath(scenario) : scenario;
  if (typeof named !== "string" || !looksLikeFile(named)) return named;
  const places = folders.map((folder) => path.resolve(folder, named));
  const place = places.find((one) => fs.existsSync(one));
  if (!place) throw new ErpsatzError(`no scenario ${named}: not at ${places.join(" nor ")}`);
  // A text of one line would be taken for a name.
  return `${fs.readFileSync(place, "utf8").replace(/^\uFEFF/, "")}\n`;
}

module.exports = { looksLikeFile, scenarioToSend };
