// What the sandbox starts as, what goes wrong in it and what is expected: read, edited, loaded.

import { html, useEffect, useRef, useState } from '../vendor/preact.js';
import { inside, send } from '../api.js';
import { Outcome, Refused, plain, useLive, useWork } from '../ui.js';

/** Where a refusal says the mistake is. @param {any} error @returns {number | null} the line, from 1 */
function lineOf(error) {
  const found = /(?:line |:)(\d+)(?:,? column |:)\d+/.exec(String(error?.message ?? ''));
  return found ? Number(found[1]) : null;
}

/** @param {{sandbox: string}} props */
export function Scenario({ sandbox }) {
  const { data: known, error } = useLive('/scenarios', []);
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const box = useRef(/** @type {any} */ (null));
  const work = useWork();
  const read = async () => setText(await (await send('GET', inside(sandbox, '/scenario'))).text());
  useEffect(() => { work.run(read); }, [sandbox]);
  const choose = (/** @type {any} */ event) => {
    const chosen = event.target.value;
    setName(chosen);
    work.run(chosen ? async () => setText(await (await send('GET', `/scenarios/${encodeURIComponent(chosen)}`)).text()) : read);
  };
  const load = () => work.run(async () => {
    const made = await (await send('PUT', inside(sandbox, '/scenario'), text)).json();
    return `${made.scenario || 'It'} is in force; the sandbox begins anew`;
  });
  const line = lineOf(work.error);
  useEffect(() => {
    if (line === null || !box.current) return;
    const lines = text.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    box.current.focus();
    box.current.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  }, [work.error]);
  const numbers = text.split('\n').map((_, index) => index + 1);
  return html`
    <p class="lead">Loading a scenario begins the sandbox <code>${sandbox}</code> anew: data, clock, faults, steps and expectations as the file says.</p>
    <${Refused} error=${error} />
    <div class="bar"><label>Start from <select aria-label="Start from" value=${name} onChange=${choose}><option value="">the one in force</option>
      ${(known?.items ?? []).map((/** @type {any} */ item) => html`<option value=${item.name}>${item.name}</option>`)}</select></label>
      <span class="about">${plain((known?.items ?? []).find((/** @type {any} */ item) => item.name === name)?.description ?? '')}</span></div>
    <label class="wide" for="scenario">Scenario</label>
    <div class="code">
      <div class="numbers" aria-hidden="true">${numbers.map((number) => html`<span class=${number === line ? 'wrong' : ''}>${number}</span>`)}</div>
      <textarea id="scenario" ref=${box} spellcheck=${false} rows=${Math.min(Math.max(numbers.length + 1, 12), 600)} wrap="off" value=${text} aria-invalid=${line !== null}
        onInput=${(/** @type {any} */ event) => setText(event.target.value)}></textarea>
    </div>
    <div class="bar"><button class="main" disabled=${work.busy || !text.trim()} onClick=${load}>Load</button></div>
    <${Outcome} work=${work} />`;
}
