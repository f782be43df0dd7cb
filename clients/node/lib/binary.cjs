"use strict";
// Where the binary is: what ERPSATZ_BIN names, the platform's package, or PATH.

const fs = require("node:fs");
const path = require("node:path");
const { ErpsatzError } = require("./errors.cjs");

const FILE = process.platform === "win32" ? "erpsatz.exe" : "erpsatz";

function findBinary() {
  if (process.env.ERPSATZ_BIN) return process.env.ERPSATZ_BIN;
  const name = `@erpsatz/${process.platform}-${process.arch}`;
  try {
    return require.resolve(`${name}/bin/${FILE}`);
  } catch {
    // Not installed: `npm --omit=optional`, or a platform without a package.
  }
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    // The shim of this very package is no binary.
    if (folder && !folder.includes("node_modules") && fs.existsSync(path.join(folder, FILE))) return path.join(folder, FILE);
  }
  throw new ErpsatzError(`there is no binary: install ${name}, or name one in ERPSATZ_BIN`);
}

module.exports = { findBinary };
