// What runs, how to reach it and how to sign in.

import { html } from '../vendor/preact.js';
import { Copy, Refused, useLive } from '../ui.js';

/** @param {{sandbox: string}} props */
export function Servers({ sandbox }) {
  const { data, error } = useLive('/servers', []);
  const prefix = sandbox === 'default' ? '' : `/~${sandbox}`;
  if (!data) return html`<${Refused} error=${error} />`;
  return html`
    <p class="lead">Point a client at one of these; the sandbox <code>${sandbox}</code> is part of the URL. Its requests appear in the journal as they come.</p>
    <div class="cards">${data.items.map((/** @type {any} */ server) => {
      const url = `${server.url}${prefix}`;
      const first = server.first_call?.replaceAll('{url}', url);
      return html`<section class="card" aria-label=${server.title}>
        <h2>${server.title}</h2>
        <dl>
          <dt>URL</dt><dd><code>${url}</code> <${Copy} text=${url} label="Copy URL" /></dd>
          ${server.https_url && html`<dt>https</dt><dd><code>${server.https_url}${prefix}</code> <${Copy} text=${server.https_url + prefix} label="Copy https URL" /></dd>`}
          <dt>Base path</dt><dd><code>${server.base_path}</code></dd>
          ${Object.entries(server.credentials ?? {}).map(([name, value]) => html`<dt>${name.replaceAll('_', ' ')}</dt>
            <dd><code>${value}</code> <${Copy} text=${String(value)} label=${`Copy ${name.replaceAll('_', ' ')}`} /></dd>`)}
        </dl>
        ${first && html`<p class="label">First call</p><pre tabindex="0" aria-label=${`First call of ${server.title}`}>${first}</pre><${Copy} text=${first} label="Copy first call" />`}
        <p><a href=${`/contracts/${server.slug}`}>Read its contract</a></p>
      </section>`;
    })}</div>`;
}
