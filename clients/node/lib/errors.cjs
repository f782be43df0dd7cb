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

module.exports = { ControlError, ErpsatzError, StartError };
