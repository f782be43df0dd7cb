"use strict";

const { findBinary } = require("./lib/binary.cjs");
const { ControlError, ErpsatzError, SandboxLost, StartError } = require("./lib/errors.cjs");
const { Erpsatz, attach, start } = require("./lib/running.cjs");
const { Sandbox } = require("./lib/sandbox.cjs");

module.exports = { ControlError, Erpsatz, ErpsatzError, Sandbox, SandboxLost, StartError, attach, findBinary, start };
