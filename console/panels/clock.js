// Simulated time: tokens, quotas, steps and due dates follow it.

import { html, useEffect, useState } from '../vendor/preact.js';
import { inside, send } from '../api.js';
import { Outcome, Refused, useLive, useWork } from '../ui.js';

/** The simulated time, running on as the server's does. @param {string} sandbox */
function useClock(sandbox) {
  const { data, error } = useLive(inside(sandbox, '/clock'), ['clock', 'sandbox', 'scenario', 'snapshot']);
  const [now, setNow] = useState('');
  useEffect(() => {
    if (!data) return setNow('');
    const began = Date.now();
    const at = Date.parse(data.now);
    const tick = () => setNow(new Date(data.frozen ? at : at + Date.now() - began).toISOString().slice(0, 19).replace('T', ' '));
    tick();
    if (data.frozen) return undefined;
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [data]);
  return { now, frozen: data?.frozen ?? false, known: Boolean(data), error };
}

/** The time in the head of the page. @param {{sandbox: string}} props */
export function Now({ sandbox }) {
  const { now, frozen } = useClock(sandbox);
  return html`<span class="now" title="Simulated time, UTC">${now}${frozen ? ' ❄' : ''}</span>`;
}

/** @param {{sandbox: string}} props */
export function Clock({ sandbox }) {
  const { now, frozen, known, error } = useClock(sandbox);
  const [by, setBy] = useState('PT15M');
  const [at, setAt] = useState('');
  const work = useWork();
  const change = (/** @type {object} */ body, /** @type {string} */ done) => work.run(async () => {
    await send('PATCH', inside(sandbox, '/clock'), body);
    return done;
  });
  const submit = (/** @type {() => void} */ action) => (/** @type {any} */ event) => { event.preventDefault(); action(); };
  return html`
    <p class="lead">What is simulated goes by this clock: tokens expire, quotas fill up again, steps fall due when it moves. It never goes back, but by reset or snapshot.</p>
    <${Refused} error=${error} />
    <p class="big" role="timer" aria-label="Simulated time">${now} <small>UTC${known ? (frozen ? ', frozen' : ', running') : ''}</small></p>
    <form class="bar" onSubmit=${submit(() => change({ advance: by.trim() }, `Moved on by ${by.trim()}`))}>
      <label>Advance by <input value=${by} list="durations" onInput=${(/** @type {any} */ event) => setBy(event.target.value)} required /></label>
      <datalist id="durations"><option value="PT1M"></option><option value="PT15M"></option><option value="PT1H"></option><option value="P1D"></option><option value="30s"></option></datalist>
      <button class="main" disabled=${work.busy}>Advance</button>
    </form>
    <form class="bar" onSubmit=${submit(() => change({ set: at.trim() }, `Set to ${at.trim()}`))}>
      <label>Set to <input value=${at} placeholder="2026-03-01T08:00:00Z" onInput=${(/** @type {any} */ event) => setAt(event.target.value)} required /></label>
      <button disabled=${work.busy}>Set</button>
    </form>
    <div class="bar"><button disabled=${!known || work.busy} onClick=${() => change({ frozen: !frozen }, frozen ? 'Running' : 'Frozen')}>${frozen ? 'Let it run' : 'Freeze'}</button></div>
    <${Outcome} work=${work} />`;
}
