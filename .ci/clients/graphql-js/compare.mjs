// node compare.mjs JUDGE SCHEMA COUNT SEED: the kept documents and COUNT seeded mutations of them, errors word by word
// and place by place against graphql-js's own. Fails under 99.9 %, or when a kept document differs.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { buildSchema, version } from 'graphql';
import { broken, valid, variables } from './documents.mjs';
import { errorsOf } from './errors.mjs';

const [judge, schemaFile, count, seed] = process.argv.slice(2);
const sdl = readFileSync(schemaFile, 'utf8');
const schema = buildSchema(sdl);

const expected = (request) => errorsOf(schema, request).map(({ message, locations }) => ({ message, locations: locations ?? [] }));

let state = Number(seed);
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}
const pick = (list) => list[random(list.length)];

const TOKEN = /"""[^]*?"""|"(?:\\.|[^"\\\n])*"|\.\.\.|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\w+|\s+|#[^\n]*|[^]/g;
const tokens = (text) => text.match(TOKEN) ?? [];
const pool = [...new Set([...tokens(sdl), ...valid.flatMap(tokens)].filter((token) => token.trim()))];
const CHARACTERS = [...'{}()[]:=!$@|&.,#"\'\\-+0123456789abcXYZ_ \n\r\té€😀\u0000\u0007\u0085\u00a0\ufeff'];
const words = (list) => list.flatMap((token, at) => (/^\w+$/.test(token) ? [at] : []));

const MUTATIONS = [
  (list) => list.splice(random(list.length), 1),
  (list) => list.splice(random(list.length), 0, ' ', pick(pool), ' '),
  (list) => list.splice(random(list.length), 1, pick(pool)),
  (list) => list.splice(random(list.length), 0, ...list.slice(random(list.length)).slice(0, 1 + random(6))),
  (list) => { const [a, b] = [random(list.length), random(list.length)]; [list[a], list[b]] = [list[b], list[a]]; },
  (list) => list.splice(random(list.length), 1 + random(5)),
  (list) => { const other = tokens(pick(valid)); const from = random(other.length); list.splice(random(list.length), 0, ...other.slice(from, from + 1 + random(25))); },
  (list) => { const at = pick(words(list)); if (at !== undefined) list[at] = pick(pool.filter((token) => /^\w+$/.test(token))); },
  (list) => { const at = pick(words(list)); if (at !== undefined) { const c = [...list[at]]; const n = random(c.length); pick([() => c.splice(n, 1), () => c.splice(n, 0, pick(['e', 'S', '1', '_'])), () => c.reverse(), () => (c[n] = c[n].toUpperCase())])(); list[at] = c.join(''); } },
  (list) => { const at = random(list.length); const c = [...(list[at] ?? '')]; c.splice(random(c.length + 1), random(2), pick(CHARACTERS)); list[at] = c.join(''); },
  (list) => list.push(' ', ...tokens(pick([...valid, ...broken]))),
];

function mutated() {
  const list = tokens(pick(random(4) ? valid : broken));
  for (let n = 1 + random(3); n > 0; n--) if (list.length) pick(MUTATIONS)(list);
  const given = { ...pick(variables) };
  for (const name of Object.keys(given)) if (!random(3)) given[name] = pick(variables)[name];
  return { query: list.join('').toWellFormed(), variables: given };
}

const kept = [...valid, ...broken].flatMap((query) => variables.map((variables) => ({ query, variables })));
const requests = [...kept, ...Array.from({ length: Number(count) }, mutated)];
// $JUDGED_BY is another schema for the judge alone, to see a comparison fail.
const judged = process.env.JUDGED_BY ? readFileSync(process.env.JUDGED_BY, 'utf8') : sdl;
const input = [judged, ...requests].map((line) => JSON.stringify(line)).join('\n') + '\n';
const { stdout, stderr, status } = spawnSync(judge, { input, maxBuffer: 1 << 30 });
if (status !== 0) {
  console.error(`the judge failed: ${stderr}`);
  process.exit(1);
}
const answers = String(stdout).trimEnd().split('\n').map((line) => JSON.parse(line));
let [equal, keptEqual, faulty, errors] = [0, 0, 0, 0];
const differences = [];
requests.forEach((request, at) => {
  const wanted = expected(request);
  faulty += wanted.length > 0;
  errors += wanted.length;
  if (JSON.stringify(wanted) === JSON.stringify(answers[at])) {
    equal += 1;
    keptEqual += at < kept.length;
  } else {
    differences.push({ at, request, wanted, found: answers[at] });
  }
});
for (const { at, request, wanted, found } of differences.slice(0, Number(process.env.SHOWN ?? 10))) {
  console.log(`${at < kept.length ? 'kept' : 'random'} ${at}: ${JSON.stringify(request)}`);
  const first = wanted.findIndex((error, place) => JSON.stringify(error) !== JSON.stringify(found[place]));
  const place = first < 0 ? wanted.length : first;
  console.log(`  graphql-js ${JSON.stringify(wanted[place])}\n  ours       ${JSON.stringify(found[place])}`);
}
const share = (100 * equal) / requests.length;
console.log(`graphql-js ${version}: ${equal} of ${requests.length} documents equal (${share.toFixed(3)} %), ${keptEqual} of ${kept.length} kept ones; ${faulty} have errors, ${errors} in all`);
process.exit(share >= 99.9 && keptEqual === kept.length ? 0 : 1);
