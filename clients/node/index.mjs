// One implementation for both kinds of modules: whoever mixes them has one set of classes.
import erpsatz from "./index.cjs";

export const { ControlError, Erpsatz, ErpsatzError, Sandbox, StartError, attach, findBinary, start } = erpsatz;
