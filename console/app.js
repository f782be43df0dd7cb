// The shell: which sandbox and which panel the address names, the switch of sandboxes, the token, whether Erpsatz is there.

import { html, render, useEffect, useState } from './vendor/preact.js';
import { follow, get, keepToken } from './api.js';
import { Refused, useLive } from './ui.js';
import { Servers } from './panels/servers.js';
import { Journal } from './panels/journal.js';
import { Data } from './panels/data.js';
import { Clock, Now } from './panels/clock.js';
import { Faults } from './panels/faults.js';
import { Scenario } from './panels/scenario.js';
import { BackOffice } from './panels/back-office.js';
import { Sandboxes } from './panels/sandboxes.js';
import { Report } from './panels/report.js';

const PANELS = [
  { id: 'servers', title: 'Servers', panel: Servers },
  { id: 'journal', title: 'Journal', panel: Journal },
  { id: 'data', title: 'Data', panel: Data },
  { id: 'clock', title: 'Clock', panel: Clock },
  { id: 'faults', title: 'Faults', panel: Faults },
  { id: 'scenario', title: 'Scenario', panel: Scenario },
  { id: 'back-office', title: 'Back office', panel: BackOffice },
  { id: 'sandboxes', title: 'Sandboxes', panel: Sandboxes },
  { id: 'report', title: 'Report', panel: Report },
];

/** How many sandboxes the switch lists; any other is reached by its address. */
const LISTED = 500;

/** @returns {{sandbox: string, panel: string, rest: string[]}} what the address names */
function address() {
  const [, sandbox = '', panel = '', ...rest] = location.hash.split('/').map(decodeURIComponent);
  return { sandbox: sandbox || 'default', panel: panel || 'servers', rest };
}

/** @param {string} sandbox @param {string} panel @param {string[]} [rest] */
export function link(sandbox, panel, rest = []) {
  return `#/${[sandbox, panel, ...rest].map(encodeURIComponent).join('/')}`;
}

/** @param {{onToken: () => void}} props */
function Token({ onToken }) {
  const [refused, setRefused] = useState(/** @type {any} */ (null));
  const enter = async (/** @type {any} */ event) => {
    event.preventDefault();
    keepToken(event.target.elements.token.value.trim());
    try {
      await get('/servers');
      onToken();
    } catch (error) {
      setRefused(error);
    }
  };
  return html`<main class="token">
    <h1>Erpsatz</h1>
    <p>This control API asks for its token. <code>erpsatz serve</code> printed it when it started, unless <code>--control-token</code> gave one.</p>
    <form onSubmit=${enter}>
      <label for="token">Token</label>
      <input id="token" name="token" type="password" autocomplete="off" required />
      <button class="main">Continue</button>
    </form>
    <${Refused} error=${refused} />
  </main>`;
}

/** @param {{sandbox: string, panel: string}} props */
function Switch({ sandbox, panel }) {
  const { data } = useLive('/sandboxes', ['sandbox']);
  /** @type {string[]} */
  const names = (data?.items ?? []).slice(0, LISTED).map((/** @type {any} */ item) => item.name);
  const all = names.includes(sandbox) ? names : [sandbox, ...names];
  const go = (/** @type {any} */ event) => {
    location.hash = link(event.target.value, panel);
  };
  return html`<div class="switch"><label for="sandbox">Sandbox</label>
    <select id="sandbox" value=${sandbox} onChange=${go}>
      ${all.map((name) => html`<option value=${name} selected=${name === sandbox}>${name}</option>`)}
    </select>
  </div>`;
}

/** @param {{sandbox: string}} props */
function Missing({ sandbox }) {
  const { error } = useLive(`/sandboxes/${encodeURIComponent(sandbox)}`, ['sandbox']);
  if (error?.status !== 404 && error?.status !== 400) return null;
  return html`<div class="notice" role="alert">
    <p>There is no sandbox <code>${sandbox}</code> now. It comes with the first request that names it
      (<code>/~${sandbox}/…</code> or the header <code>Erpsatz-Sandbox</code>), or is made under
      <a href=${link('default', 'sandboxes')}>Sandboxes</a>.</p>
  </div>`;
}

function App() {
  const [where, setWhere] = useState(address());
  const [state, setState] = useState(/** @type {'starting' | 'live' | 'away' | 'refused'} */ ('starting'));
  const [entered, setEntered] = useState(0);
  useEffect(() => {
    const change = () => setWhere(address());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  useEffect(() => follow(where.sandbox, setState), [where.sandbox, entered]);
  const current = PANELS.find((panel) => panel.id === where.panel) ?? PANELS[0];
  useEffect(() => {
    document.title = `${current.title} · ${where.sandbox} · Erpsatz`;
  }, [current.id, where.sandbox]);
  if (state === 'refused') return html`<${Token} onToken=${() => { setState('starting'); setEntered(entered + 1); }} />`;
  return html`
    <a class="skip" href="#main" onClick=${(/** @type {any} */ event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>Skip to content</a>
    <header>
      <a class="brand" href=${link(where.sandbox, 'servers')}>Erpsatz</a>
      <${Switch} sandbox=${where.sandbox} panel=${current.id} />
      <${Now} sandbox=${where.sandbox} />
      <span class=${`state ${state}`} role="status">${state === 'live' ? 'Live' : state === 'away' ? 'No answer' : 'Connecting'}</span>
    </header>
    <nav aria-label="Panels">${PANELS.map(({ id, title }) => html`<a href=${link(where.sandbox, id)}
      aria-current=${id === current.id ? 'page' : undefined}>${title}</a>`)}</nav>
    <main id="main" tabindex="-1">
      <h1>${current.title}</h1>
      ${state === 'away' && html`<div class="notice" role="alert">
        <p><strong>Erpsatz does not answer.</strong> It was stopped, or cannot be reached from here; what is shown may be old.
          The console tries again by itself. Start it with <code>erpsatz serve</code>.</p></div>`}
      ${state === 'live' && html`<${Missing} sandbox=${where.sandbox} key=${where.sandbox} />`}
      <${current.panel} sandbox=${where.sandbox} rest=${where.rest} link=${link} key=${`${where.sandbox}/${current.id}/${entered}`} />
    </main>`;
}

const root = document.getElementById('app');
if (root) {
  root.textContent = '';
  render(html`<${App} />`, root);
}
