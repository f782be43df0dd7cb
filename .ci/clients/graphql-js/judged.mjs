// node judged.mjs FOLDER [--write]: whether documents.jsonl of that folder has the errors that graphql-js finds under
// schema.graphql beside it. With --write it has them afterwards: a new document is a line with `query` and `variables`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema, version } from 'graphql';
import { errorsOf } from './errors.mjs';

const [folder, mode] = process.argv.slice(2);
const schema = buildSchema(readFileSync(join(folder, 'schema.graphql'), 'utf8'));

const file = join(folder, 'documents.jsonl');
const before = readFileSync(file, 'utf8');
const lines = before.trimEnd().split('\n').map((line) => {
  const { query, variables } = JSON.parse(line);
  const errors = errorsOf(schema, { query, variables });
  const shown = errors.map(({ message, locations }) => [message, ...(locations ?? []).map(({ line, column }) => `${line}:${column}`)]);
  return JSON.stringify({ query, variables, errors: shown });
});
const after = `${lines.join('\n')}\n`;
if (mode === '--write') writeFileSync(file, after);
console.log(`graphql-js ${version}: ${lines.length} documents, ${after === before ? 'their errors are as kept' : 'their errors are others than those kept'}`);
process.exit(after === before || mode === '--write' ? 0 : 1);
