// What the panels share.

import { html, useCallback, useEffect, useLayoutEffect, useRef, useState } from './vendor/preact.js';
import { Refusal, get, hear } from './api.js';

/** How much of a text is shown at once. */
const SHOWN = 20_000;

/**
 * A text of anybody as text: control characters as their pictures, marks that turn the direction of what follows by
 * their code points, so that nothing looks like what it is not.
 * @param {unknown} value
 */
export function plain(value) {
  const text = typeof value === 'string' ? value : String(value ?? '');
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (mark) => String.fromCharCode(0x2400 + mark.charCodeAt(0)))
    .replace(/[\u007f\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (mark) => {
      return `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
    });
}

/** A value in one short line. @param {unknown} value @param {number} [most] */
export function brief(value, most = 80) {
  if (value === null || value === undefined) return '';
  const text = plain(typeof value === 'object' ? JSON.stringify(value).slice(0, most * 4) : String(value).slice(0, most * 4));
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** A body as people read it: JSON with line breaks. @param {unknown} body */
export function pretty(body) {
  if (body === null || body === undefined) return '';
  if (typeof body !== 'string') return JSON.stringify(body, null, 2);
  // Numbers are not parsed and printed again where they would lose digits.
  if (body.length > 200_000 || /\d{16}/.test(body)) return body;
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

/** A text of any length in a box of its own. @param {{text: string, label: string}} props */
export function Text({ text, label }) {
  const [whole, setWhole] = useState(false);
  const cut = text.length > SHOWN && !whole;
  return html`<div class="text">
    <pre tabindex="0" aria-label=${label}>${plain(cut ? text.slice(0, SHOWN) : text)}</pre>
    ${cut && html`<button onClick=${() => setWhole(true)}>Show all ${text.length.toLocaleString('en')} characters</button>`}
  </div>`;
}

/** An answer that stays true: fetched again when one of `topics` happens. @param {string | null} path @param {string[]} topics */
export function useLive(path, topics) {
  const [state, setState] = useState(/** @type {{path: string | null, data: any, error: any}} */ ({ path: null, data: null, error: null }));
  const latest = useRef(path);
  latest.current = path;
  const load = useCallback(async () => {
    if (path === null) return;
    try {
      const data = await get(path);
      if (latest.current === path) setState({ path, data, error: null });
    } catch (error) {
      if (latest.current === path) setState((before) => ({ path, data: before.path === path ? before.data : null, error }));
    }
  }, [path]);
  useEffect(() => {
    load();
    let timer = 0;
    const off = hear(({ topic }) => {
      if (topic !== 'resync' && !topics.includes(topic)) return;
      // Many events at once ask for one answer.
      timer ||= setTimeout(() => {
        timer = 0;
        load();
      }, 120);
    });
    return () => {
      off();
      clearTimeout(timer);
    };
  }, [path]);
  const isOld = state.path !== path;
  return { data: isOld ? null : state.data, error: isOld ? null : state.error, reload: load };
}

/** Something that is being done, and what came of it. */
export function useWork() {
  const [state, setState] = useState(/** @type {{busy: boolean, error: any, done: string}} */ ({ busy: false, error: null, done: '' }));
  /** @param {() => Promise<string | void>} work gives what was done, in words */
  const run = async (work) => {
    setState({ busy: true, error: null, done: '' });
    try {
      setState({ busy: false, error: null, done: (await work()) ?? '' });
    } catch (error) {
      setState({ busy: false, error, done: '' });
    }
  };
  return { ...state, run };
}

/** What was refused, with what is wrong of each field. @param {{error: any}} props */
export function Refused({ error }) {
  if (!error) return null;
  const details = error instanceof Refusal ? error.details : [];
  const message = error instanceof Refusal ? error.message : 'Erpsatz does not answer.';
  return html`<div class="refused" role="alert">
    <pre>${plain(message)}</pre>
    ${details.length > 0 && html`<ul>${details.map((detail) => html`<li><code>${plain(detail.field)}</code> ${plain(detail.message)}</li>`)}</ul>`}
  </div>`;
}

/** How something went. @param {{work: {busy: boolean, error: any, done: string}}} props */
export function Outcome({ work }) {
  return html`<div class="outcome">
    <${Refused} error=${work.error} />
    <p role="status" class=${work.done ? 'done' : ''}>${work.done}</p>
  </div>`;
}

/** @param {{title: string, children?: any}} props */
export function Empty({ title, children }) {
  return html`<div class="empty"><p><strong>${title}</strong></p>${children}</div>`;
}

/** @param {{text: string, label: string}} props */
export function Copy({ text, label }) {
  const [copied, setCopied] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('Copied');
    } catch {
      setCopied('The browser does not allow copying; select the text instead');
    }
    setTimeout(() => setCopied(''), 3000);
  };
  return html`<span class="copy"><button onClick=${copy}>${label}</button><span role="status">${copied}</span></span>`;
}

/**
 * A long list of which only what is seen is drawn; the newest rows come first, and what is looked at stays where it is.
 * @param {{rows: any[], height: number, label: string, columns: string[], row: (row: any) => any, empty: any}} props
 */
export function Window({ rows, height, label, columns, row, empty }) {
  const box = useRef(/** @type {any} */ (null));
  const [seen, setSeen] = useState({ top: 0, size: 600 });
  const before = useRef(0);
  const look = () => {
    if (box.current) setSeen({ top: box.current.scrollTop, size: box.current.clientHeight || 600 });
  };
  useLayoutEffect(() => {
    const more = rows.length - before.current;
    before.current = rows.length;
    if (box.current && box.current.scrollTop > 0 && more > 0) box.current.scrollTop += more * height;
    look();
  }, [rows.length]);
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  const first = Math.max(0, Math.floor(seen.top / height) - 10);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.size) / height) + 10);
  const line = (/** @type {any} */ item, /** @type {number} */ index) => html`<div
    class="line" style=${{ position: 'absolute', top: `${(first + index) * height}px`, height: `${height}px` }} key=${item.id} role="presentation"
    >${row(item)}</div>`;
  return html`<div class="window" role="table" aria-label=${label} aria-rowcount=${rows.length + 1}>
    <div role="rowgroup" class="head"><div role="row" class="row">${columns.map((column) => html`<span role="columnheader">${column}</span>`)}</div></div>
    <div class="scroll" role="rowgroup" ref=${box} onScroll=${look} tabindex=${rows.length ? -1 : 0}>
      ${rows.length === 0 ? html`<div role="row"><div role="cell">${empty}</div></div>` : html`<div role="presentation" style=${{ height: `${rows.length * height}px`, position: 'relative' }}>
        ${rows.slice(first, last).map(line)}
      </div>`}
    </div>
  </div>`;
}
