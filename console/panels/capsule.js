// What happened in a run, of a capsule that somebody keeps as a file: read in the browser, sent nowhere.

import { html, useState } from '../vendor/preact.js';
import { download, inside } from '../api.js';
import { Outcome, Text, plain, pretty, useWork } from '../ui.js';

/** How many bytes a capsule may have, and how many unpacked: no capsule has more. */
const MOST = 64 * 2 ** 20;
const MOST_UNPACKED = 256 * 2 ** 20;

/** How many events are shown at first. */
const SHOWN = 500;

/** What is refused of a file, in words. */
class Unreadable extends Error {}

/** The lines of a capsule. @param {File} file @returns {Promise<any[]>} */
async function read(file) {
  const noCapsule = new Unreadable(`${file.name}: it is no capsule`);
  if (file.size > MOST) throw new Unreadable(`${file.name}: it has more than 64 MiB, which no capsule has`);
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream()).getReader();
  const parts = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw length ? new Unreadable(`${file.name}: it is torn or damaged`) : noCapsule; });
    if (done) break;
    parts.push(value);
    length += value.length;
    if (length > MOST_UNPACKED) throw new Unreadable(`${file.name}: it has more than 256 MiB unpacked, which no capsule has`);
  }
  const lines = parts.join('').trimEnd().split('\n').map((line) => {
    try {
      return JSON.parse(line);
    } catch {
      throw noCapsule;
    }
  });
  if (lines[0]?.capsule !== 1) throw lines[0]?.capsule ? new Unreadable(`${file.name}: it is of another format, of Erpsatz ${lines[0].erpsatz}`) : noCapsule;
  if (!lines.at(-1)?.end) throw new Unreadable(`${file.name}: it is torn: its end is missing`);
  return lines;
}

/** A body, where there is one. @param {{of: any, label: string}} props */
function Body({ of, label }) {
  const text = of?.body ?? of?.body_base64;
  return text ? html`<${Text} text=${pretty(text)} label=${label} />` : '';
}

/** A request with its answer, or a change by control. @param {{event: any}} props */
function Event({ event }) {
  const { request, change } = event;
  if (change) return html`<li><details><summary>${plain(change.at)} control <b>${plain(change.method)}</b> <code>${plain(change.path)}</code></summary><${Body} of=${change} label="Body" /></details></li>`;
  const query = request.query ? `?${request.query}` : '';
  return html`<li><details><summary>#${request.id} ${plain(request.at)} ${plain(request.server)} <b>${plain(request.method)}</b> <code>${plain(request.path + query)}</code>
    → <b>${request.status ?? 'no answer'}</b>${request.fault ? html` fault <code>${plain(request.fault)}</code>` : ''}</summary>
    <${Body} of=${request} label=${`Body of request ${request.id}`} /><${Body} of=${request.response} label=${`Answer to request ${request.id}`} /></details></li>`;
}

/** What came of it. @param {{report: any}} props */
function Became({ report }) {
  const list = (/** @type {string} */ name) => report?.[name] ?? [];
  return html`<ul>
    ${list('expectations').map((/** @type {any} */ one) => html`<li class=${one.met ? 'good' : 'bad'}><b>${one.met ? 'met' : 'missed'}</b> ${plain(one.description)} (count ${one.count})</li>`)}
    ${list('verdicts').map((/** @type {any} */ one) => html`<li class=${`verdict ${one.severity}`}><b>${plain(one.verdict)}</b> (${plain(one.severity)}): ${plain(one.message)}</li>`)}
    ${list('violations').map((/** @type {any} */ one) => html`<li>outside the contract: ${plain(one.message)}${one.nearest ? html`; nearest: <code>${plain(one.nearest)}</code>` : ''}</li>`)}
  </ul>`;
}

/** @param {{lines: any[]}} props */
function Page({ lines }) {
  const [most, setMost] = useState(SHOWN);
  const [head, events, { end }] = [lines[0], lines.slice(1, -1), lines[lines.length - 1]];
  return html`<section aria-label="What happened">
    <p>Sandbox <code>${plain(head.sandbox)}</code> of Erpsatz ${plain(head.erpsatz)}, scenario <code>${plain(head.scenario?.name)}</code>, seed ${plain(head.seed)},
      from ${plain(head.clock?.started)} to ${plain(end.clock?.now)}${head.dropped ? `, without ${head.dropped} earlier requests` : ''}.</p>
    <ol class="events">${events.slice(0, most).map((event) => html`<${Event} event=${event} />`)}</ol>
    ${events.length > most && html`<button onClick=${() => setMost(most + SHOWN)}>Show more of ${events.length}</button>`}
    <h3>What came of it</h3>
    <${Became} report=${end.report} />
  </section>`;
}

/** @param {{sandbox: string}} props */
export function Capsule({ sandbox }) {
  const [lines, setLines] = useState(/** @type {any[] | null} */ (null));
  const work = useWork();
  const open = (/** @type {any} */ event) => {
    const file = event.target.files?.[0];
    if (!file) return;
    setLines(null);
    work.run(async () => {
      const found = await read(file);
      setLines(found);
      return `${file.name}: ${found.length - 2} events`;
    });
  };
  const error = work.error instanceof Unreadable ? null : work.error;
  return html`<h2>A run as a file</h2>
    <div class="bar"><button onClick=${() => work.run(() => download(inside(sandbox, '/capsule'), `${sandbox}.capsule`))}>Download capsule</button>
      <label for="capsule">Show capsule</label> <input id="capsule" type="file" accept=".capsule" onChange=${open} /></div>
    ${work.error instanceof Unreadable && html`<div class="refused" role="alert"><pre>${plain(work.error.message)}</pre></div>`}
    <${Outcome} work=${{ ...work, error }} />
    ${lines && html`<${Page} lines=${lines} />`}`;
}
