#!/usr/bin/env node
"use strict";
// The command `erpsatz`: the binary of this platform, with its signals and exit code.

const { spawn } = require("node:child_process");
const { findBinary } = require("../lib/binary.cjs");

let binary;
try {
  binary = findBinary();
} catch (error) {
  console.error(`erpsatz: ${error.message}`);
  process.exit(1);
}
const child = spawn(binary, process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => {
  console.error(`erpsatz: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else {
    process.exit(code);
  }
});
