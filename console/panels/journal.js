// What came in and what went out, as it comes.

import { html, useEffect, useMemo, useRef, useState } from '../vendor/preact.js';
import { download, get, hear, inside, send } from '../api.js';
import { Copy, Empty, Refused, Text, Window, plain, pretty, useLive, useWork } from '../ui.js';

/** How many entries are shown: as many as a journal keeps by default. */
const MOST = 10_000;

/** What a line needs of an entry; the rest is fetched when it is opened. @param {any} entry */
function line({ id, at, server, method, path, query, status, fault, violations, duration_us }) {
  return { id, at, server, method, path, query, status, fault, duration_us, violations: violations?.length ?? 0 };
}

/** @param {string} pattern @returns {(path: string) => boolean} a part of the path, or a whole one with `*` */
function pathTest(pattern) {
  if (!pattern.includes('*')) return (path) => path.toLowerCase().includes(pattern.toLowerCase());
  const expression = new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
  return (path) => expression.test(path);
}

/** @param {{status: number | null}} entry */
const statusText = (entry) => (entry.status === null ? 'no answer' : String(entry.status));

/** @param {{status: number | null, fault: string | null}} entry */
function tone(entry) {
  if (entry.status === null || entry.status >= 500) return 'bad';
  return entry.status >= 400 ? 'warn' : 'good';
}

/** The entries, oldest first, kept up to date. @param {string} sandbox */
function useEntries(sandbox) {
  const [state, setState] = useState(/** @type {{entries: any[], dropped: number, error: any, loaded: boolean}} */ ({ entries: [], dropped: 0, error: null, loaded: false }));
  useEffect(() => {
    let ended = false;
    /** @type {any[]} */
    let coming = [];
    let timer = 0;
    const merge = () => {
      timer = 0;
      const fresh = coming;
      coming = [];
      setState((before) => {
        const last = before.entries.at(-1)?.id ?? 0;
        const added = fresh.filter((entry) => entry.id > last);
        return added.length ? { ...before, entries: [...before.entries, ...added].slice(-MOST) } : before;
      });
    };
    const load = async () => {
      try {
        const answer = await get(inside(sandbox, `/journal?limit=${MOST}&bodies=false`));
        if (!ended) setState({ entries: answer.entries.map(line), dropped: answer.dropped, error: null, loaded: true });
      } catch (error) {
        if (!ended) setState((before) => ({ ...before, entries: [], error, loaded: true }));
      }
    };
    load();
    const off = hear(({ topic, data }) => {
      if (topic === 'entry' && data.sandbox === sandbox) {
        coming.push(line(data));
        timer ||= setTimeout(merge, 50);
      } else if (['resync', 'sandbox', 'scenario'].includes(topic)) {
        load();
      }
    });
    return () => {
      ended = true;
      off();
      clearTimeout(timer);
    };
  }, [sandbox]);
  return { ...state, clear: () => setState((before) => ({ ...before, entries: [] })) };
}

/** The verdicts on each request, by its id. @param {any} report @returns {Map<number, any[]>} */
function byRequest(report) {
  const found = new Map();
  for (const verdict of report?.verdicts ?? []) {
    for (const id of verdict.requests ?? []) found.set(id, [...(found.get(id) ?? []), verdict]);
  }
  return found;
}

/** @param {{sandbox: string, rest: string[], link: any}} props */
export function Journal({ sandbox, rest, link }) {
  const { entries, dropped, error, loaded, clear } = useEntries(sandbox);
  const [path, setPath] = useState('');
  const [server, setServer] = useState('');
  const [status, setStatus] = useState('');
  const open = rest[0] ? Number(rest[0]) : null;
  const { data: report } = useLive(inside(sandbox, '/report'), ['entry', 'clock', 'sandbox', 'scenario', 'snapshot']);
  const verdicts = useMemo(() => byRequest(report), [report]);
  const work = useWork();
  const servers = useMemo(() => [...new Set(entries.map((entry) => entry.server))].sort(), [entries]);
  const shown = useMemo(() => {
    const fits = pathTest(path.trim());
    const means = (/** @type {any} */ entry) => fits(entry.path)
      && (!server || entry.server === server)
      && (!status || (status === 'problems' ? entry.fault || entry.violations > 0 || verdicts.has(entry.id) || entry.status === null || entry.status >= 400 : statusText(entry).startsWith(status)));
    return entries.filter(means).reverse();
  }, [entries, path, server, status, verdicts]);
  const choose = (/** @type {number} */ id) => {
    location.replace(link(sandbox, 'journal', open === id ? [] : [String(id)]));
  };
  const empty = entries.length
    ? html`<${Empty} title="No request fits these filters."><button onClick=${() => { setPath(''); setServer(''); setStatus(''); }}>Show all</button><//>`
    : html`<${Empty} title=${loaded ? 'No request yet.' : 'Reading the journal…'}><p>Send one to a URL under <a href=${link(sandbox, 'servers')}>Servers</a>; it appears here at once.</p><//>`;
  const row = (/** @type {any} */ entry) => html`<div role="row" tabindex="0" class=${`row ${tone(entry)} ${open === entry.id ? 'open' : ''}`}
      aria-selected=${open === entry.id} onClick=${() => choose(entry.id)}
      onKeyDown=${(/** @type {any} */ event) => { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(entry.id); } }}>
      <span role="cell">#${entry.id}</span><span role="cell" class="time">${entry.at.slice(11, 19)}</span><span role="cell">${entry.server}</span>
      <span role="cell" class="method">${plain(entry.method) || '—'}</span>
      <span role="cell" class="path"><bdi>${plain(entry.path)}${entry.query ? html`<i>?${plain(entry.query)}</i>` : ''}</bdi></span>
      <span role="cell" class="status">${statusText(entry)}</span>
      <span role="cell" class="marks">${entry.fault ? html`<em class="mark fault">fault</em>` : ''}${entry.violations ? html`<em class="mark violation">${entry.violations} off contract</em>` : ''}${(verdicts.get(entry.id) ?? []).filter((verdict) => verdict.severity !== 'advice').map((verdict) => html`<em class=${`mark ${verdict.severity}`}>${verdict.verdict}</em>`)}</span>
      <span role="cell" class="took">${(entry.duration_us / 1000).toFixed(1)} ms</span>
    </div>`;
  return html`
    <div class="bar">
      <label>Filter by path <input type="search" value=${path} placeholder="/api/… or *" onInput=${(/** @type {any} */ event) => setPath(event.target.value)} /></label>
      <label>Server <select aria-label="Server" value=${server} onChange=${(/** @type {any} */ event) => setServer(event.target.value)}>
        <option value="">all</option>${servers.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>
      <label>Status <select aria-label="Status" value=${status} onChange=${(/** @type {any} */ event) => setStatus(event.target.value)}>
        <option value="">all</option><option value="problems">problems</option>${['2', '3', '4', '5'].map((digit) => html`<option value=${digit}>${digit}xx</option>`)}<option value="no">no answer</option></select></label>
      <button onClick=${() => work.run(() => download(inside(sandbox, '/journal.har'), `${sandbox}.har`))}>Download HAR</button>
      <button onClick=${() => work.run(async () => { await send('DELETE', inside(sandbox, '/journal')); clear(); location.replace(link(sandbox, 'journal')); })}>Empty the journal</button>
    </div>
    <p class="count" role="status">${shown.length.toLocaleString('en')} of ${entries.length.toLocaleString('en')} requests${dropped ? `; ${dropped.toLocaleString('en')} older ones were dropped` : ''}</p>
    <${Refused} error=${work.error ?? error} />
    <div class=${open === null ? 'journal' : 'journal split'}>
      <${Window} rows=${shown} height=${34} label="Requests" columns=${['Id', 'Time', 'Server', 'Method', 'Path', 'Status', 'Remarks', 'Took']} row=${row} empty=${empty} />
      ${open !== null && html`<${Entry} sandbox=${sandbox} id=${open} verdicts=${verdicts.get(open) ?? []} close=${() => choose(open)} link=${link} key=${open} />`}
    </div>`;
}

/** @param {any} entry @param {any[]} servers @param {string} sandbox */
export function curl(entry, servers, sandbox) {
  const server = servers.find((known) => known.slug === entry.server);
  const quote = (/** @type {string} */ text) => `'${text.replaceAll("'", `'\\''`)}'`;
  const prefix = sandbox === 'default' ? '' : `/~${sandbox}`;
  const parts = ['curl', '-i', '-X', entry.method, quote(`${server?.url ?? ''}${prefix}${entry.path}${entry.query ? `?${entry.query}` : ''}`)];
  const known = server?.credentials ?? {};
  for (const [name, value] of Object.entries(entry.headers)) {
    if (['host', 'content-length', 'accept-encoding', 'connection', 'transfer-encoding'].includes(name)) continue;
    if (value !== '***') parts.push('-H', quote(`${name}: ${value}`));
    else if (name === 'authorization' && known.user && !known.project && !known.api_key) parts.push('-u', quote(`${known.user}:${known.password}`));
    else if (name === 'authorization' && known.client_id && /token/i.test(entry.path)) parts.push('-u', quote(`${known.client_id}:${known.client_secret}`));
    else if (name === 'authorization') parts.push('-H', known.api_key && !known.user ? quote(`Authorization: Bearer ${known.api_key}`) : '"Authorization: Bearer $TOKEN"');
    else parts.push('-H', known[name] ? quote(`${name}: ${known[name]}`) : `"${name}: $${name.toUpperCase().replaceAll('-', '_')}"`);
  }
  if (typeof entry.body === 'string') parts.push('--data-binary', quote(entry.body));
  return parts.join(' ');
}

/** @param {Record<string, unknown>} headers */
const headerText = (headers) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n');

/** What a request did to the records. @param {{effects: any}} props */
function Effects({ effects }) {
  const lines = Object.entries(effects ?? {}).flatMap(([kind, list]) => (Array.isArray(list) ? list : []).map((effect) => ({ kind, effect })));
  if (!lines.length) return null;
  const words = (/** @type {any} */ effect) => [effect.entity, effect.key, effect.company && `company ${effect.company}`, effect.fields?.join(', '),
    effect.rows !== undefined && `${effect.rows} of ${effect.total} from ${effect.offset}`, effect.index !== undefined && `item ${effect.index}`, effect.reason].filter(Boolean).join(' · ');
  return html`<h3>Effects</h3><ul>${lines.map(({ kind, effect }) => html`<li><b>${kind}</b> ${plain(words(effect))}</li>`)}</ul>`;
}

/** The checks that led to an answer, fetched when it is opened. @param {{sandbox: string, id: number}} props */
function Why({ sandbox, id }) {
  const { data: told, error } = useLive(inside(sandbox, `/journal/${id}/why`), []);
  if (!told) return html`<${Refused} error=${error} />`;
  const wrong = (/** @type {any} */ step) => html`: ${plain(step.message ?? '')}${step.nearest ? html`; nearest: <code>${plain(step.nearest)}</code>` : ''}${step.fact ? html`; by <code>${plain(step.fact)}</code>${step.evidence ? ` [${step.evidence}]` : ''}` : ''}`;
  return html`<p>${told.cause ? html`Cause: <b>${told.cause}</b>` : 'Nothing is wrong.'}</p>
    <ol aria-label="Checks">${told.steps.map((/** @type {any} */ step) => html`<li><b>${step.check}</b> ${step.result}${step.received ? html` <code>${plain(step.received)}</code>` : ''}${step.result === 'passed' ? '' : wrong(step)}</li>`)}</ol>`;
}

/** @param {{sandbox: string, id: number, verdicts: any[], close: () => void, link: any}} props */
function Entry({ sandbox, id, verdicts, close, link }) {
  const { data: entry, error } = useLive(inside(sandbox, `/journal/${id}`), []);
  const { data: servers } = useLive('/servers', []);
  const title = useRef(/** @type {any} */ (null));
  const [why, setWhy] = useState(false);
  useEffect(() => title.current?.scrollIntoView({ block: 'nearest' }), [entry]);
  return html`<section class="entry" aria-label=${`Request ${id}`}>
    <div class="bar"><h2 ref=${title}>#${id} ${entry ? `${plain(entry.method)} ${plain(entry.path)}` : ''}</h2><button onClick=${close}>Close</button></div>
    <${Refused} error=${error} />
    ${entry && html`
      <p>${entry.status === null ? 'Nothing was answered.' : html`Answered <b>${entry.status}</b>`}${entry.handled_status !== entry.status ? html`; the server itself ${entry.handled_status === null ? 'was not asked' : html`said ${entry.handled_status}`}` : ''}
        ${entry.fault ? html`; fault <a href=${link(sandbox, 'faults')}><code>${plain(entry.fault)}</code></a>` : ''}; ${plain(entry.principal) || 'nobody signed in'}; ${entry.at}</p>
      <div class="bar"><${Copy} text=${curl(entry, servers?.items ?? [], sandbox)} label="Copy as curl" /></div>
      ${verdicts.map((/** @type {any} */ verdict) => html`<div class=${`verdict ${verdict.severity}`}><p><b>${verdict.verdict}</b> (${verdict.severity}): ${plain(verdict.message)}</p>${verdict.advice && html`<p>${plain(verdict.advice)}</p>`}</div>`)}
      ${entry.violations.length > 0 && html`<h3>Outside the contract</h3><ul>${entry.violations.map((/** @type {any} */ found) => html`<li><b>${found.rule}</b> at <code>${plain(found.position)}</code>: ${plain(found.message)}${found.nearest ? html`; nearest: <code>${plain(found.nearest)}</code>` : ''}</li>`)}</ul>`}
      <${Effects} effects=${entry.effects} />
      <details onToggle=${(/** @type {any} */ event) => setWhy(event.target.open)}><summary>Why this answer</summary>${why && html`<${Why} sandbox=${sandbox} id=${id} />`}</details>
      ${entry.assumptions.length > 0 && html`<details><summary>${entry.assumptions.length} assumed facts</summary><ul>${entry.assumptions.map((/** @type {any} */ fact) => html`<li><code>${plain(fact.name ?? fact)}</code> ${plain(fact.about ?? '')}</li>`)}</ul></details>`}
      <div class="bodies">
        <div><h3>Request</h3><${Text} label="Headers of the request" text=${headerText(entry.headers)} />${entry.body !== null ? html`<${Text} label="Body of the request" text=${pretty(entry.body)} />` : html`<p class="none">No body</p>`}</div>
        <div><h3>Answer</h3><${Text} label="Headers of the answer" text=${headerText(entry.response.headers)} />${entry.response.body !== null ? html`<${Text} label="Body of the answer" text=${pretty(entry.response.body)} />` : html`<p class="none">No body</p>`}</div>
      </div>`}
  </section>`;
}
