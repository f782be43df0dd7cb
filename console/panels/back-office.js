// What a person does inside the ERP and the public API cannot: a form for each action, made from its JSON Schema.

import { html, useState } from '../vendor/preact.js';
import { inside, send } from '../api.js';
import { Empty, Outcome, Refused, Text, plain, useLive, useWork } from '../ui.js';

/** @param {{sandbox: string, rest: string[], link: any}} props */
export function BackOffice({ sandbox, rest, link }) {
  const { data, error } = useLive(inside(sandbox, '/actions'), ['sandbox', 'scenario']);
  const actions = data?.items ?? [];
  if (!data) return html`<${Refused} error=${error} />`;
  if (!actions.length) return html`<${Empty} title="These servers have no back-office actions." />`;
  const chosen = actions.find((/** @type {any} */ action) => action.server === rest[0] && action.action === rest[1]) ?? actions[0];
  const servers = [...new Set(actions.map((/** @type {any} */ action) => action.server))];
  return html`
    <p class="lead">Do here what somebody does inside the ERP while your client runs.</p>
    <div class="sides">
      <div class="choices" role="group" aria-label="Actions">${servers.map((server) => html`<h2>${server}</h2><ul>${actions.filter((/** @type {any} */ action) => action.server === server).map((/** @type {any} */ action) => html`<li>
        <a href=${link(sandbox, 'back-office', [action.server, action.action])} aria-current=${action === chosen ? 'true' : undefined}>${action.action}</a></li>`)}</ul>`)}</div>
      <${Action} sandbox=${sandbox} action=${chosen} key=${`${chosen.server}/${chosen.action}`} />
    </div>`;
}

/** A value as the schema wants it. @param {any} schema @param {string} text */
function value(schema, text) {
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'boolean') return text === 'true';
  if (type === 'integer' || type === 'number') return Number(text);
  if (type === 'object' || type === 'array') return JSON.parse(text);
  return text;
}

/** @param {{sandbox: string, action: any}} props */
function Action({ sandbox, action }) {
  const [result, setResult] = useState('');
  const work = useWork();
  const properties = Object.entries(action.parameters.properties ?? {});
  const required = action.parameters.required ?? [];
  const run = (/** @type {any} */ event) => {
    event.preventDefault();
    const form = event.target;
    setResult('');
    work.run(async () => {
      const given = properties.flatMap(([name, schema]) => {
        const text = form.elements[`p-${name}`].value;
        return text === '' ? [] : [[name, value(schema, text)]];
      });
      const answer = await send('POST', inside(sandbox, `/actions/${action.server}/${action.action}`), Object.fromEntries(given));
      setResult(JSON.stringify(await answer.json(), null, 2));
      return 'Done';
    });
  };
  const field = (/** @type {[string, any]} */ [name, schema]) => {
    const id = `p-${name}`;
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
    const is = required.includes(name);
    const options = schema.enum ?? (type === 'boolean' ? ['true', 'false'] : null);
    const input = options ? html`<select id=${id} name=${id} required=${is}><option value=""></option>${options.map((/** @type {any} */ option) => html`<option value=${String(option)}>${String(option)}</option>`)}</select>`
      : type === 'object' || type === 'array' ? html`<textarea id=${id} name=${id} rows="4" required=${is} placeholder="JSON"></textarea>`
        : html`<input id=${id} name=${id} required=${is} inputmode=${type === 'integer' ? 'numeric' : type === 'number' ? 'decimal' : 'text'} />`;
    return html`<label for=${id} class="wide"><span>${name}${is ? html` <b title="required">*</b>` : ''}</span>${input}<small>${plain(schema.description ?? '')}</small></label>`;
  };
  return html`<form class="card" onSubmit=${run}>
    <h2>${action.action}</h2>
    <p>${plain(action.description)}</p>
    ${properties.map(field)}
    <div class="bar"><button class="main" disabled=${work.busy}>Run</button></div>
    <${Outcome} work=${work} />
    ${result && html`<h3>What changed</h3><${Text} text=${result} label="What changed" />`}
  </form>`;
}
