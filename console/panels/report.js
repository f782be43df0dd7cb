// What a run says of the client.

import { html } from '../vendor/preact.js';
import { download, inside } from '../api.js';
import { Empty, Refused, plain, useLive, useWork } from '../ui.js';
import { Capsule } from './capsule.js';

/** @param {{sandbox: string, link: any}} props */
export function Report({ sandbox, link }) {
  const { data, error } = useLive(inside(sandbox, '/report'), ['entry', 'expectation', 'fault', 'sandbox', 'scenario', 'snapshot', 'clock']);
  const work = useWork();
  if (!data) return html`<${Refused} error=${error} />`;
  const request = (/** @type {number} */ id) => html`<a href=${link(sandbox, 'journal', [String(id)])}>#${id}</a> `;
  const list = (/** @type {string} */ name) => data[name] ?? [];
  return html`
    <p class=${`big ${data.ok ? 'good' : 'bad'}`}>${list('expectations').length === 0 ? 'Nothing is expected here' : data.ok ? 'All expectations are met' : 'Expectations are missed'}</p>
    <div class="bar"><button onClick=${() => work.run(() => download(inside(sandbox, '/report?format=junit'), `${sandbox}.xml`))}>Download JUnit</button>
      <button onClick=${() => work.run(() => download(inside(sandbox, '/report?format=markdown'), `${sandbox}.md`))}>Download Markdown</button></div>
    <${Refused} error=${work.error} />
    <h2>Expectations</h2>
    ${list('expectations').length === 0 ? html`<${Empty} title="The scenario expects nothing."><p>Write down what the client must do under <a href=${link(sandbox, 'scenario')}>Scenario</a>, key <code>expect</code>.</p><//>` : ''}
    <ul class="expectations">${list('expectations').map((/** @type {any} */ one) => html`<li class=${one.met ? 'good' : 'bad'}><b>${one.met ? 'met' : 'missed'}</b> ${plain(one.description)} <span>(count ${one.count})</span>
      ${one.nearest?.length > 0 && html`<ul>${one.nearest.map((/** @type {any} */ near) => html`<li>${near.id ? request(near.id) : ''}${plain(near.request ?? '')} ${plain(near.difference ?? '')}</li>`)}</ul>`}</li>`)}</ul>
    <h2>Verdicts</h2>
    ${list('verdicts').length === 0 ? html`<p class="none">None.</p>` : html`<ul>${list('verdicts').map((/** @type {any} */ one) => html`<li class=${`verdict ${one.severity}`}><p><b>${one.verdict}</b> (${one.severity}, ${one.server}): ${plain(one.message)} ${(one.requests ?? []).map(request)}</p>${one.advice && html`<p>${plain(one.advice)}</p>`}</li>`)}</ul>`}
    <h2>Requests outside the contract</h2>
    ${list('violations').length === 0 ? html`<p class="none">None.</p>` : html`<ul>${list('violations').slice(0, 200).map((/** @type {any} */ one) => html`<li>${one.entry ?? one.id ? request(one.entry ?? one.id) : ''}<b>${one.rule}</b> ${one.server} <code>${plain(one.position ?? '')}</code>: ${plain(one.message)}${one.nearest ? html`; nearest: <code>${plain(one.nearest)}</code>` : ''}</li>`)}</ul>`}
    <h2>Faults</h2>
    ${list('faults').length === 0 ? html`<p class="none">None.</p>` : html`<ul>${list('faults').map((/** @type {any} */ one) => html`<li><code>${plain(one.id)}</code> ${one.server}: ${one.hits} hits</li>`)}</ul>`}
    <h2>Assumed facts that this run used</h2>
    ${list('assumptions').length === 0 ? html`<p class="none">None.</p>` : html`<details><summary>${list('assumptions').length}</summary><ul>${list('assumptions').map((/** @type {any} */ one) => html`<li>${one.server ?? ''} <code>${plain(one.name ?? '')}</code> ${plain(one.about ?? '')}</li>`)}</ul></details>`}
    <${Capsule} sandbox=${sandbox} />`;
}
