"use strict";

/** Something that Erpsatz cannot do. */
class ErpsatzError extends Error {
  name = "ErpsatzError";
}

/** The control API refused. */
class ControlError extends ErpsatzError {
  name = "ControlError";
  constructor(status, code, message) {
    super(`${message} (${status} ${code})`);
    this.status = status;
    this.code = code;
  }
}

/** The server did not start; the message is its own. */
class StartError extends ErpsatzError {
  name = "StartError";
}

/** The sandbox is gone, and with it what the test did in it: it was deleted or evicted, or its replica went. */
class SandboxLost extends ErpsatzError {
  name = "SandboxLost";
  constructor(sandbox, why = "another of its name answered") {
    super(`the sandbox was lost: ${sandbox}: ${why}`);
  }
}

module.exports = { ControlError, ErpsatzError, SandboxLost, StartError };
