// Isolated worlds: made, reset, kept, brought back, deleted.

import { html, useState } from '../vendor/preact.js';
import { inside, send } from '../api.js';
import { Empty, Outcome, Refused, brief, plain, useLive, useWork } from '../ui.js';

const SHOWN = 200;

/** @param {{sandbox: string, link: any}} props */
export function Sandboxes({ sandbox, link }) {
  const { data, error } = useLive('/sandboxes', ['sandbox', 'scenario', 'resync']);
  const [part, setPart] = useState('');
  const all = (data?.items ?? []).filter((/** @type {any} */ item) => item.name.includes(part.trim()));
  return html`
    <${Here} sandbox=${sandbox} link=${link} key=${sandbox} />
    <${Make} link=${link} />
    <h2>All</h2>
    <div class="bar"><label>Name holds <input type="search" value=${part} onInput=${(/** @type {any} */ event) => setPart(event.target.value)} /></label>
      <span role="status">${all.length.toLocaleString('en')} ${all.length > SHOWN ? `, the first ${SHOWN} shown` : ''}</span></div>
    <${Refused} error=${error} />
    <div class="grid" tabindex="0" role="region" aria-label="All, table"><table>
      <thead><tr><th scope="col">Name</th><th scope="col">From</th><th scope="col">Seed</th><th scope="col">Simulated time</th></tr></thead>
      <tbody>${all.slice(0, SHOWN).map((/** @type {any} */ item) => html`<tr><td><a href=${link(item.name, 'journal')} aria-current=${item.name === sandbox ? 'true' : undefined}>${item.name}</a></td>
        <td>${brief(item.scenario)}</td><td class="number">${item.seed}</td><td>${item.clock.now.slice(0, 19).replace('T', ' ')}${item.clock.frozen ? ' ❄' : ''}</td></tr>`)}</tbody>
    </table></div>`;
}

/** The sandbox that is shown, and its snapshots. @param {{sandbox: string, link: any}} props */
function Here({ sandbox, link }) {
  const { data, error } = useLive(inside(sandbox, '/snapshots'), ['snapshot', 'scenario', 'sandbox']);
  const [id, setId] = useState('before');
  const [confirming, setConfirming] = useState(false);
  const work = useWork();
  const of = (/** @type {string} */ snapshot, rest = '') => inside(sandbox, `/snapshots/${encodeURIComponent(snapshot)}${rest}`);
  const take = (/** @type {any} */ event) => {
    event.preventDefault();
    work.run(async () => { await send('PUT', of(id.trim())); return `Kept as ${id.trim()}`; });
  };
  const remove = () => work.run(async () => {
    await send('DELETE', inside(sandbox));
    location.hash = link('default', 'sandboxes');
  });
  return html`<section class="card" aria-label=${`This one: ${sandbox}`}>
    <h2>${sandbox}</h2>
    <div class="bar">
      <button onClick=${() => work.run(async () => { await send('POST', inside(sandbox, '/reset')); return 'Begun anew as the scenario says'; })}>Reset</button>
      ${sandbox !== 'default' && (confirming ? html`<button class="danger" onClick=${remove}>Really delete it</button>` : html`<button class="danger" onClick=${() => setConfirming(true)}>Delete</button>`)}
    </div>
    <form class="bar" onSubmit=${take}><label>Id <input value=${id} required onInput=${(/** @type {any} */ event) => setId(event.target.value)} /></label>
      <button class="main" disabled=${work.busy}>Take snapshot</button></form>
    <${Outcome} work=${work} />
    <${Refused} error=${error} />
    ${data?.items.length === 0 && html`<${Empty} title="No snapshot yet."><p>Take one before you break something; restoring it brings data, clock, faults and steps back.</p><//>`}
    ${data?.items.length > 0 && html`<ul class="snapshots">${data.items.map((/** @type {any} */ item) => html`<li><code>${plain(item.id)}</code> <span>${item.at.slice(0, 19).replace('T', ' ')}</span>
      <button onClick=${() => work.run(async () => { await send('POST', of(item.id, '/restore')); return `${item.id} is back`; })}>Restore ${plain(item.id)}</button>
      <button class="danger" onClick=${() => work.run(async () => { await send('DELETE', of(item.id)); return `Forgot ${item.id}`; })}>Forget ${plain(item.id)}</button></li>`)}</ul>`}
  </section>`;
}

/** @param {{link: any}} props */
function Make({ link }) {
  const { data: scenarios } = useLive('/scenarios', []);
  const [name, setName] = useState('');
  const [scenario, setScenario] = useState('');
  const [seed, setSeed] = useState('');
  const work = useWork();
  const make = (/** @type {any} */ event) => {
    event.preventDefault();
    work.run(async () => {
      const wish = { ...(name.trim() && { name: name.trim() }), ...(scenario && { scenario }), ...(seed && { seed: Number(seed) }) };
      const made = await (await send('POST', '/sandboxes', wish)).json();
      location.hash = link(made.name, 'servers');
    });
  };
  return html`<form class="card" onSubmit=${make}>
    <h2>Another one</h2>
    <div class="bar">
      <label>Name <input value=${name} pattern="[a-z0-9\\-]{1,63}" placeholder="one is made up" title="1 to 63 of a-z, 0-9 and -" onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>
      <label>Starts from <select aria-label="Starts from" value=${scenario} onChange=${(/** @type {any} */ event) => setScenario(event.target.value)}><option value="">what serve was given</option>
        ${(scenarios?.items ?? []).map((/** @type {any} */ item) => html`<option value=${item.name}>${item.name}</option>`)}</select></label>
      <label>Seed <input class="small" inputmode="numeric" pattern="[0-9]*" value=${seed} onInput=${(/** @type {any} */ event) => setSeed(event.target.value)} /></label>
      <button class="main" disabled=${work.busy}>Make</button>
    </div>
    <${Outcome} work=${work} />
  </form>`;
}
