// The records of every entity, past the public API's rules.

import { html, useEffect, useMemo, useState } from '../vendor/preact.js';
import { inside, send } from '../api.js';
import { Empty, Outcome, Refused, brief, plain, useLive, useWork } from '../ui.js';

const PAGE = 50;

/** @param {{sandbox: string, rest: string[], link: any}} props */
export function Data({ sandbox, rest, link }) {
  const { data: overview, error } = useLive(inside(sandbox, '/data'), ['data', 'sandbox', 'scenario', 'snapshot']);
  const [slug, entity] = rest;
  /** @type {{server: string, entity: string, count: number, keys: string[]}[]} */
  const entities = overview?.items ?? [];
  const servers = useMemo(() => [...new Set(entities.map((item) => item.server))], [overview]);
  const chosen = entities.find((item) => item.server === slug && item.entity === entity) ?? entities[0];
  const go = (/** @type {string} */ server, /** @type {string} */ name) => { location.hash = link(sandbox, 'data', [server, name]); };
  if (!chosen) return error ? html`<${Refused} error=${error} />` : html`<p role="status">Counting the records…</p>`;
  return html`
    <div class="bar">
      <label>Server <select aria-label="Server" value=${chosen.server} onChange=${(/** @type {any} */ event) => go(event.target.value, entities.find((item) => item.server === event.target.value)?.entity ?? '')}>
        ${servers.map((server) => html`<option value=${server} selected=${server === chosen.server}>${server}</option>`)}</select></label>
      <label>Entity <select aria-label="Entity" value=${chosen.entity} onChange=${(/** @type {any} */ event) => go(chosen.server, event.target.value)}>
        ${entities.filter((item) => item.server === chosen.server).map((item) => html`<option value=${item.entity} selected=${item.entity === chosen.entity}>${item.entity} (${item.count.toLocaleString('en')})</option>`)}</select></label>
    </div>
    <${Refused} error=${error} />
    <${Table} sandbox=${sandbox} server=${chosen.server} entity=${chosen.entity} keys=${chosen.keys} key=${`${chosen.server}/${chosen.entity}`} />`;
}

/** What names a record in a path. @param {any} record @param {string[]} keys */
function keyOf(record, keys) {
  const name = keys.find((key) => record[key] !== null && record[key] !== undefined);
  return name ? String(record[name]) : '';
}

/** @param {{sandbox: string, server: string, entity: string, keys: string[]}} props */
function Table({ sandbox, server, entity, keys }) {
  const [search, setSearch] = useState('');
  const [asked, setAsked] = useState('');
  const [page, setPage] = useState(0);
  const [company, setCompany] = useState('');
  const [open, setOpen] = useState(/** @type {{key: string | null, record: any} | null} */ (null));
  const base = inside(sandbox, `/data/${server}/${encodeURIComponent(entity)}`);
  const of = company ? `company=${encodeURIComponent(company)}&` : '';
  useEffect(() => {
    // Who turns a page at once is not taken back to the first.
    if (search === asked) return undefined;
    const timer = setTimeout(() => { setAsked(search); setPage(0); }, 200);
    return () => clearTimeout(timer);
  }, [search]);
  const { data, error, reload } = useLive(`${base}?${of}limit=${PAGE}&offset=${page * PAGE}&q=${encodeURIComponent(asked)}`, ['data', 'sandbox', 'scenario', 'snapshot']);
  const records = data?.items ?? [];
  const columns = useMemo(() => [...new Set(records.flatMap((/** @type {any} */ record) => Object.keys(record)))], [data]);
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / PAGE));
  const edit = (/** @type {any} */ record) => setOpen({ key: record ? keyOf(record, keys) : null, record: record ?? {} });
  return html`
    <div class="bar">
      <label>Search <input type="search" value=${search} onInput=${(/** @type {any} */ event) => setSearch(event.target.value)} /></label>
      ${columns.includes('_company') || company ? html`<label>Company <input class="small" value=${company} onChange=${(/** @type {any} */ event) => { setCompany(event.target.value.trim()); setPage(0); }} placeholder="0" /></label>` : ''}
      <button onClick=${() => edit(null)}>Add a record</button>
    </div>
    <${Refused} error=${error} />
    ${open && html`<${Editor} base=${base} of=${of} entity=${entity} open=${open} done=${() => { setOpen(null); reload(); }} key=${open.key ?? 'new'} />`}
    ${data && records.length === 0 ? html`<${Empty} title=${asked ? 'No record holds this text.' : 'There is no record yet.'}>${asked ? html`<button onClick=${() => setSearch('')}>Show all</button>` : html`<p>Add one here, or let a client create it.</p>`}<//>` : ''}
    ${records.length > 0 && html`<div class="grid" tabindex="0" role="region" aria-label=${`${entity}, table`}><table>
      <thead><tr><th scope="col"><span class="quiet">Edit</span></th>${columns.map((column) => html`<th scope="col">${plain(column)}</th>`)}</tr></thead>
      <tbody>${records.map((/** @type {any} */ record) => html`<tr onDblClick=${() => edit(record)}>
        <td><button onClick=${() => edit(record)} aria-label=${`Edit ${brief(keyOf(record, keys), 40)}`}>Edit</button></td>
        ${columns.map((column) => html`<td><bdi>${brief(record[column])}</bdi></td>`)}</tr>`)}</tbody>
    </table></div>`}
    ${data && html`<div class="bar pages"><button disabled=${page === 0} onClick=${() => setPage(page - 1)}>Previous page</button>
      <span role="status">${data.total.toLocaleString('en')} records, page ${page + 1} of ${pages.toLocaleString('en')}</span>
      <button disabled=${page + 1 >= pages} onClick=${() => setPage(page + 1)}>Next page</button></div>`}`;
}

/** @param {{base: string, of: string, entity: string, open: {key: string | null, record: any}, done: () => void}} props */
function Editor({ base, of, entity, open, done }) {
  const [text, setText] = useState(JSON.stringify(open.record, null, 2));
  const [confirming, setConfirming] = useState(false);
  const work = useWork();
  const query = of ? `?${of.slice(0, -1)}` : '';
  const one = `${base}/${encodeURIComponent(open.key ?? '')}${query}`;
  let mistake = '';
  try {
    JSON.parse(text);
  } catch (error) {
    mistake = String(/** @type {Error} */ (error).message);
  }
  // Only what was changed is sent; numbers go as they are written, so that none loses a digit.
  const save = () => work.run(async () => {
    if (open.key === null) await send('POST', base + query, text);
    else {
      const now = JSON.parse(text);
      const changed = Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(open.record[name]));
      await send('PUT', one, Object.fromEntries(changed));
    }
    done();
  });
  const remove = () => work.run(async () => { await send('DELETE', one); done(); });
  return html`<section class="card editor" aria-label=${open.key === null ? `New ${entity}` : `${entity} ${open.key}`}>
    <h2>${open.key === null ? `New ${entity}` : html`${entity} <bdi>${brief(open.key, 60)}</bdi>`}</h2>
    <label class="wide">Record as JSON<textarea rows="14" spellcheck=${false} value=${text} onInput=${(/** @type {any} */ event) => setText(event.target.value)} aria-invalid=${mistake !== ''}></textarea></label>
    ${mistake && html`<p class="mistake" role="alert">${mistake}</p>`}
    <div class="bar"><button class="main" disabled=${mistake !== '' || work.busy} onClick=${save}>Save</button>
      <button onClick=${done}>Cancel</button>
      ${open.key !== null && (confirming ? html`<button class="danger" onClick=${remove}>Really delete it</button>` : html`<button class="danger" onClick=${() => setConfirming(true)}>Delete</button>`)}</div>
    <${Outcome} work=${work} />
  </section>`;
}
