// What goes wrong: rules in force, and new ones from presets.

import { html, useState } from '../vendor/preact.js';
import { inside, send } from '../api.js';
import { Empty, Outcome, Refused, plain, useLive, useWork } from '../ui.js';

/** What can go wrong, in the words of a test's author. */
const PRESETS = [
  { id: 'lose', title: 'Lose the answer (it is done, then the connection is cut)', then: { lose_response: true } },
  { id: 'drop', title: 'Cut the connection before anything is done', then: { drop: true } },
  { id: 'status', title: 'Answer 503', then: { status: 503 } },
  { id: 'broken', title: 'Answer 500', then: { status: 500 } },
  { id: 'limit', title: 'Allow 3 requests a minute, then 429', then: { rate_limit: { limit: 3, per: 'PT1M' } } },
  { id: 'slow', title: 'Delay the answer by 2 s', then: { delay: '2s' } },
  { id: 'silent', title: 'Say nothing for 30 s, then cut', then: { timeout: '30s' } },
  { id: 'half', title: 'Send half of the body, then cut', then: { truncate: 0.5 } },
  { id: 'corrupt', title: 'Send a broken body', then: { corrupt: true } },
  { id: 'drip', title: 'Send the body in drips of 64 bytes', then: { drip: { bytes: 64, every: '50ms' } } },
];

/** @param {{sandbox: string}} props */
export function Faults({ sandbox }) {
  const { data, error } = useLive(inside(sandbox, '/faults'), ['fault', 'sandbox', 'scenario', 'snapshot']);
  const { data: servers } = useLive('/servers', []);
  const [server, setServer] = useState('');
  const [method, setMethod] = useState('POST');
  const [path, setPath] = useState('*');
  const [preset, setPreset] = useState('lose');
  const [times, setTimes] = useState('1');
  const work = useWork();
  const slug = server || servers?.items[0]?.slug || '';
  const chosen = PRESETS.find((known) => known.id === preset) ?? PRESETS[0];
  /** @type {Record<string, unknown>} */
  const when = { ...(method && { method }), ...(path.trim() && { path: path.trim() }), ...(times && { times: Number(times) }) };
  const rule = { server: slug, when, then: chosen.then };
  const arm = (/** @type {any} */ event) => {
    event.preventDefault();
    work.run(async () => {
      const made = await (await send('POST', inside(sandbox, '/faults'), rule)).json();
      return `Armed as ${made.id}`;
    });
  };
  const remove = (/** @type {string} */ id) => work.run(async () => { await send('DELETE', inside(sandbox, `/faults/${encodeURIComponent(id)}`)); return `Removed ${id}`; });
  const on = (/** @type {(value: string) => void} */ set) => (/** @type {any} */ event) => set(event.target.value);
  const rules = data?.items ?? [];
  return html`
    <form class="card" onSubmit=${arm}>
      <h2>Arm a fault</h2>
      <div class="bar">
        <label class="wide">What goes wrong <select aria-label="What goes wrong" value=${preset} onChange=${on(setPreset)}>${PRESETS.map((known) => html`<option value=${known.id}>${known.title}</option>`)}</select></label>
        <label>Server <select aria-label="Server" value=${slug} onChange=${on(setServer)}>${(servers?.items ?? []).map((/** @type {any} */ known) => html`<option value=${known.slug}>${known.slug}</option>`)}</select></label>
        <label>Method <select aria-label="Method" value=${method} onChange=${on(setMethod)}><option value="">any</option>${['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((verb) => html`<option value=${verb}>${verb}</option>`)}</select></label>
        <label class="wide">Path <input value=${path} onInput=${on(setPath)} placeholder="* stands for anything" /></label>
        <label>How often <select aria-label="How often" value=${times} onChange=${on(setTimes)}><option value="1">once</option><option value="2">twice</option><option value="5">five times</option><option value="">always</option></select></label>
        <button class="main" disabled=${!slug || work.busy}>Arm</button>
      </div>
      <details><summary>As a rule</summary><pre tabindex="0" aria-label="The rule">${JSON.stringify(rule, null, 2)}</pre></details>
      <${Outcome} work=${work} />
    </form>
    <h2>In force</h2>
    <${Refused} error=${error} />
    ${data && rules.length === 0 ? html`<${Empty} title="Nothing goes wrong here yet."><p>Arm a fault above; the next request that it means meets it.</p><//>` : ''}
    ${rules.length > 0 && html`<div class="grid" tabindex="0" role="region" aria-label="Fault rules, table"><table>
      <thead><tr><th scope="col">Id</th><th scope="col">Server</th><th scope="col">When</th><th scope="col">Then</th><th scope="col">Hits</th><th scope="col">State</th><th scope="col"><span class="quiet">Remove</span></th></tr></thead>
      <tbody>${rules.map((/** @type {any} */ known) => html`<tr>
        <td><code>${plain(known.id)}</code></td><td>${known.server}</td><td><code>${plain(JSON.stringify(known.when))}</code></td><td><code>${plain(JSON.stringify(known.then))}</code></td>
        <td class="number">${known.hits}</td><td>${known.completed ? 'used up' : 'armed'}</td>
        <td><button onClick=${() => remove(known.id)} aria-label=${`Remove ${plain(known.id)}`}>Remove</button></td></tr>`)}</tbody></table></div>
      <div class="bar"><button onClick=${() => work.run(async () => { await send('DELETE', inside(sandbox, '/faults')); return 'All rules are gone'; })}>Remove all</button></div>`}`;
}
