// A Node for snippets.py: blocks come as lines of JSON, what they print goes back the same way. `await` stands at the top, as in a module.
import repl from "node:repl";
import readline from "node:readline";
import { PassThrough } from "node:stream";
import { format } from "node:util";

const node = repl.start({ input: new PassThrough(), output: new PassThrough(), terminal: false, useGlobal: true });
let printed = "";
console.log = (...words) => { printed += format(...words) + "\n"; };

const run = (code, where) => new Promise((resolve) => node.eval(code, node.context, where, (error) => resolve(error)));
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { code, where } = JSON.parse(line);
  printed = "";
  const error = await run(code, where);
  process.stdout.write(JSON.stringify({ printed, error: error ? String(error.stack ?? error) : null }) + "\n");
}
process.exit(0);
