// The console in a real browser against the real binary: what an integrator does with it, in light and dark, on a phone
// and on a desk. ERPSATZ_BIN names the binary; a picture of the journal goes to ERPSATZ_SCREENSHOT, where it is set.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const binary = process.env.ERPSATZ_BIN;
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Starts the binary on free ports. */
async function serve(...options) {
  const child = spawn(binary, ['serve', '--random-ports', '--json', '--control-port', '0', ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes('\n')) break;
  }
  const ready = JSON.parse(text.split('\n')[0]);
  const url = (slug) => ready.servers[slug].url;
  const stop = () => new Promise((resolve) => { child.once('exit', resolve); child.kill('SIGTERM'); });
  return { ready, url, stop, control: ready.control };
}

const auth = { Authorization: `Basic ${btoa('DEMO-LICENCE:demo-secret')}`, 'COMPANY_ID': '0' };
const json = { 'Content-Type': 'application/json' };

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
after(() => browser?.close());

/** A tab in which nothing may go wrong: no error on the console, no request to anybody else. */
async function open(erpsatz, { width = 1440, colorScheme = 'light', path = '#/default/servers' } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, acceptDownloads: true });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => message.type() === 'error' && !/status of 4\d\d|ERR_CONNECTION|ERR_INCOMPLETE/.test(message.text()) && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(error.message));
  const host = new URL(erpsatz.control).host;
  page.on('request', (request) => /^https?:/.test(request.url()) && new URL(request.url()).host !== host && wrong.push(`asked ${request.url()}`));
  await page.goto(`${erpsatz.control}/${path}`);
  const go = async (name) => {
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  };
  const close = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, go, close };
}

/** No serious finding of the accessibility checker. */
async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
    return violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 2).join(' | ')}`);
  });
  assert.deepEqual(found, [], what);
}

const PANELS = ['Servers', 'Journal', 'Data', 'Clock', 'Faults', 'Scenario', 'Back office', 'Sandboxes', 'Report'];

for (const [width, colorScheme] of [[1440, 'light'], [360, 'dark'], [2560, 'dark']]) {
  describe(`${width} pixels, ${colorScheme}`, () => {
    let erpsatz;
    before(async () => { erpsatz = await serve(); });
    after(() => erpsatz.stop());
    const at = { width, colorScheme };

    test('a request arrives, is opened, understood and copied', async () => {
      const { page, close } = await open(erpsatz, { ...at, path: '#/default/journal' });
      await page.getByText('No request yet.').waitFor();
      await fetch(`${erpsatz.url('onlineerp')}/api/Entity/Product?$filter=NoProduit%20==%20'A'`, { headers: auth });
      const row = page.getByRole('row').filter({ hasText: '/api/Entity/Product' });
      await row.waitFor({ timeout: 1000 });
      assert.match(await row.innerText(), /GET[\s\S]*400/);
      await row.focus();
      await page.keyboard.press('Enter');
      const entry = page.getByRole('region', { name: 'Request 1' });
      await entry.getByText(/nearest/).waitFor();
      await accessible(page, 'an opened request');
      await entry.getByText('Why this answer').click();
      const checks = entry.getByRole('list', { name: 'Checks' });
      await checks.getByText(/query refused/).waitFor();
      assert.match(await entry.innerText(), /Cause: client/);
      await accessible(page, 'the checks of a request');
      await entry.getByRole('button', { name: 'Copy as curl' }).click();
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(copied, /^curl .*-X GET .*Entity\/Product.*-u 'DEMO-LICENCE:demo-secret'/);
      await page.getByLabel('Filter by path').fill('/nothing');
      await page.getByText('No request fits these filters.').waitFor();
      const har = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download HAR' }).click();
      const archive = JSON.parse(await readFile(await (await har).path(), 'utf8'));
      assert.equal(archive.log.entries.length, 1);
      if (process.env.ERPSATZ_SCREENSHOT && width === 1440) {
        await page.getByLabel('Filter by path').fill('');
        await page.screenshot({ path: process.env.ERPSATZ_SCREENSHOT });
      }
      await close();
    });

    test('a lost answer is armed, hit, and judged on the second invoice', async () => {
      const { page, go, close } = await open(erpsatz, { ...at, path: '#/lost/faults' });
      await fetch(`${erpsatz.control}/sandboxes`, { method: 'POST', body: '{"name":"lost"}' });
      await page.getByText('Nothing goes wrong here yet.').waitFor();
      await page.getByRole('button', { name: 'Arm', exact: true }).click();
      const rule = page.getByRole('row').filter({ hasText: 'lose_response' });
      await rule.filter({ hasText: 'armed' }).waitFor();
      const products = `${erpsatz.url('onlineerp')}/~lost/api/Entity/Product`;
      const invoice = JSON.stringify({ InfoClientFacturerA: { NoClient: 'C0187' }, LigneFacture: [{ DescriptionLigne: 'Divers', QteFacture: 1, PrixFinal: 100 }] });
      const post = () => fetch(products.replace('Product', 'CustomerInvoice'), { method: 'POST', headers: { ...auth, ...json }, body: invoice });
      await assert.rejects(post());
      await rule.filter({ hasText: 'used up' }).waitFor();
      await accessible(page, 'faults');
      await post();
      await go('Journal');
      await page.getByRole('row').filter({ hasText: 'no answer' }).waitFor();
      const second = page.getByRole('row').filter({ hasText: 'CustomerInvoice' }).first();
      await second.filter({ hasText: 'done_twice' }).waitFor();
      await second.click();
      await page.getByRole('region', { name: /^Request/ }).getByText(/done_twice.*error/).waitFor();
      await accessible(page, 'a verdict on a request');
      await page.getByText('created').first().waitFor();
      await go('Report');
      await page.getByText('done_twice').first().waitFor();
      await close();
    });

    test("the clock moves past a token's end", async () => {
      const token = await fetch(`${erpsatz.url('comarch-xt')}/api2/public/token`, {
        method: 'POST', headers: { Authorization: `Basic ${btoa('demo-client:demo-secret')}`, 'Content-Type': 'application/x-www-form-urlencoded' }, body: 'grant_type=client_credentials',
      }).then((answer) => answer.json());
      const products = () => fetch(`${erpsatz.url('comarch-xt')}/api2/public/products`, { headers: { Authorization: `Bearer ${token.access_token}` } });
      assert.equal((await products()).status, 200);
      const { page, close } = await open(erpsatz, { ...at, path: '#/default/clock' });
      await page.getByLabel('Advance by').fill('P2D');
      await page.getByRole('button', { name: 'Advance', exact: true }).click();
      await page.getByText('Moved on by P2D').waitFor();
      assert.equal((await products()).status, 401);
      await page.getByLabel('Advance by').fill('soon');
      await page.getByRole('button', { name: 'Advance', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await accessible(page, 'the clock');
      await close();
    });

    test('a prospect is converted with a form', async () => {
      const prospects = await fetch(`${erpsatz.control}/sandboxes/default/data/clavus/prospects`).then((answer) => answer.json());
      const actions = await fetch(`${erpsatz.control}/sandboxes/default/actions`).then((answer) => answer.json());
      const convert = actions.items.find((one) => one.action === 'convert-prospect');
      const { page, close } = await open(erpsatz, { ...at, path: '#/default/back-office/clavus/convert-prospect' });
      await page.getByRole('heading', { name: 'convert-prospect' }).waitFor();
      const [name] = convert.parameters.required;
      const open_ = prospects.items.find((one) => !one._converted) ?? prospects.items[0];
      await page.locator(`#p-${name}`).fill(String(open_.id ?? open_._id));
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('What changed').first().waitFor();
      await accessible(page, 'the back office');
      await close();
    });

    test('an edited record is what the next request gets', async () => {
      const { page, close } = await open(erpsatz, { ...at, path: '#/default/data/onlineerp/Product' });
      await page.getByLabel('Search').fill('bolt-m8');
      await page.getByRole('status').filter({ hasText: /^1 records/ }).waitFor();
      await accessible(page, 'a table');
      await page.getByRole('button', { name: /^Edit / }).first().click();
      const record = page.getByLabel('Record as JSON');
      const text = await record.inputValue();
      await record.fill(text.replace(/"Description": "[^"]*"/, '"Description": "Edited in the console"'));
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await record.waitFor({ state: 'detached' });
      const answer = await fetch(`${erpsatz.url('onlineerp')}/api/Entity/Product?$filter=NoProduit%20eq%20'BOLT-M8'`, { headers: auth });
      assert.match(await answer.text(), /Edited in the console/);
      await page.getByRole('button', { name: 'Add a record' }).click();
      await record.fill('{ "PrixVente": "x" }');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'PrixVente' }).waitFor();
      await close();
    });

    test('a snapshot brings the world back', async () => {
      await fetch(`${erpsatz.control}/sandboxes`, { method: 'POST', body: '{"name":"kept"}' });
      const { page, close } = await open(erpsatz, { ...at, path: '#/kept/sandboxes' });
      const products = `${erpsatz.control}/sandboxes/kept/data/onlineerp/Product`;
      const total = async () => (await fetch(`${products}?limit=0`).then((answer) => answer.json())).total;
      const whole = await total();
      await page.getByRole('button', { name: 'Take snapshot' }).click();
      await page.getByRole('button', { name: 'Restore before' }).waitFor();
      await fetch(`${products}/BOLT-M8`, { method: 'DELETE' });
      assert.equal(await total(), whole - 1);
      await page.getByRole('button', { name: 'Restore before' }).click();
      await page.getByText('before is back').waitFor();
      assert.equal(await total(), whole);
      await accessible(page, 'sandboxes');
      await page.getByLabel('Name', { exact: true }).fill('made-here');
      await page.getByRole('button', { name: 'Make', exact: true }).click();
      await page.getByRole('heading', { name: 'Servers' }).waitFor();
      assert.equal(await page.getByLabel('Sandbox', { exact: true }).inputValue(), 'made-here');
      await close();
    });

    test("a scenario's mistake is shown in place; a good one is loaded", async () => {
      await fetch(`${erpsatz.control}/sandboxes`, { method: 'POST', body: '{"name":"edited"}' });
      const { page, go, close } = await open(erpsatz, { ...at, path: '#/edited/scenario' });
      const editor = page.getByLabel('Scenario', { exact: true });
      await page.waitForFunction(() => document.querySelector('textarea')?.value.includes('name:'));
      await editor.fill('name: mine\nfaults:\n  - server: onlinerp\n    when: {}\n    then: { status: 503 }\n');
      await page.getByRole('button', { name: 'Load', exact: true }).click();
      await page.getByRole('alert').filter({ hasText: 'onlineerp' }).waitFor();
      await page.locator('.numbers .wrong').waitFor();
      await accessible(page, 'a mistake');
      await editor.fill('name: mine\nexpect:\n  - request: { server: onlineerp, path: /api/Entity/Product }\n');
      await page.getByRole('button', { name: 'Load', exact: true }).click();
      await page.getByText('mine is in force').waitFor();
      await go('Report');
      await page.getByText('Expectations are missed').waitFor();
      await fetch(`${erpsatz.url('onlineerp')}/~edited/api/Entity/Product`, { headers: auth });
      await page.getByText('All expectations are met').waitFor();
      await accessible(page, 'the report');
      const report = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download JUnit' }).click();
      assert.match(await readFile(await (await report).path(), 'utf8'), /<testsuite/);
      const capsule = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download capsule' }).click();
      await page.getByLabel('Show capsule').setInputFiles(await (await capsule).path());
      const happened = page.getByRole('region', { name: 'What happened' });
      await happened.getByText('GET', { exact: true }).waitFor();
      await happened.getByText('/api/Entity/Product', { exact: true }).click();
      await happened.getByText('BOLT-M8').waitFor();
      await happened.getByText('met', { exact: true }).waitFor();
      await accessible(page, 'a capsule');
      await page.getByLabel('Show capsule').setInputFiles({ name: 'x.capsule', mimeType: 'text/plain', buffer: Buffer.from('{}') });
      await page.getByRole('alert').filter({ hasText: 'it is no capsule' }).waitFor();
      await close();
    });

    test('every panel fits its width, by keyboard too', async () => {
      const { page, go, close } = await open(erpsatz, at);
      for (const panel of PANELS) {
        await go(panel);
        await page.waitForTimeout(150);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(overflow <= 0, `${panel} is ${overflow} pixels too wide`);
        await accessible(page, panel);
        assert.equal(await page.getByRole('main').count(), 1);
      }
      await page.keyboard.press('Tab');
      assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
      await close();
    });

    test('hostile records are text', async () => {
      const evil = '<img src=x onerror="globalThis.pwned=1">\u202eevil\u0007';
      const made = await fetch(`${erpsatz.control}/sandboxes/default/data/onlineerp/Product`, { method: 'POST', body: JSON.stringify({ NoProduit: `EVIL-${width}`, Description: evil + 'x'.repeat(1_000_000) }) });
      assert.equal(made.status, 201);
      await fetch(`${erpsatz.url('onlineerp')}/api/Entity/Product`, { method: 'POST', headers: { ...auth, ...json }, body: JSON.stringify({ Description: evil }) });
      const { page, go, close } = await open(erpsatz, { ...at, path: '#/default/data/onlineerp/Product' });
      await page.getByLabel('Search').fill(`EVIL-${width}`);
      await page.getByText('<img src=x').first().waitFor();
      await go('Journal');
      await page.getByRole('row').filter({ hasText: 'POST' }).first().click();
      await page.getByText('onerror').first().waitFor();
      assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
      assert.ok(!(await page.getByRole('main').innerText()).includes('\u202e'));
      await close();
    });
  });
}

test('the first calls that it shows work as they stand', async () => {
  const erpsatz = await serve();
  const { page, close } = await open(erpsatz);
  await page.getByText('First call').first().waitFor();
  const calls = await page.locator('pre[aria-label^="First call"]').allInnerTexts();
  assert.equal(calls.length, Object.keys(erpsatz.ready.servers).length);
  for (const call of calls) {
    const { stdout } = await promisify(execFile)('sh', ['-c', call.replace('curl', 'curl -sf')]);
    assert.ok(stdout.length > 0, call);
  }
  await close();
  await erpsatz.stop();
});

test('ten thousand requests stay smooth', async () => {
  const erpsatz = await serve();
  const target = `${erpsatz.url('onlineerp')}/api/Entity/Product?$top=1`;
  await Promise.all(Array.from({ length: 20 }, async () => {
    for (let index = 0; index < 500; index += 1) await (await fetch(target, { headers: auth })).arrayBuffer();
  }));
  const { page, close } = await open(erpsatz, { path: '#/default/journal' });
  await page.getByText(/10,000 of 10,000 requests/).waitFor();
  assert.ok(await page.getByRole('row').count() < 100, 'only what is seen is drawn');
  await page.locator('.scroll').evaluate((box) => { box.scrollTop = box.scrollHeight; });
  await page.getByRole('cell', { name: '#1', exact: true }).waitFor();
  await close();
  await erpsatz.stop();
});

test('a hundred thousand records are a page at a time', async () => {
  const erpsatz = await serve('--scenario', 'catalogue-of-100000');
  const { page, close } = await open(erpsatz, { path: '#/default/data/onlineerp/Product' });
  await page.getByRole('status').filter({ hasText: /^100,0\d\d records, page 1 of 2,00\d/ }).waitFor();
  assert.ok(await page.getByRole('row').count() < 100, 'only one page is drawn');
  await page.getByRole('button', { name: 'Next page' }).click();
  await page.getByRole('status').filter({ hasText: /page 2 of/ }).waitFor();
  const number = await page.getByRole('row').nth(1).getByRole('cell').nth(2).innerText();
  await page.getByLabel('Search').fill(number);
  await page.getByRole('status').filter({ hasText: /^\d{1,3} records?, page 1 of/ }).waitFor();
  await page.getByRole('cell', { name: number, exact: true }).waitFor();
  await close();
  await erpsatz.stop();
});

test('it says when Erpsatz goes away', async () => {
  const erpsatz = await serve();
  const { page, close } = await open(erpsatz, { path: '#/default/clock' });
  await page.getByText('Live').waitFor();
  await erpsatz.stop();
  await page.getByText('Erpsatz does not answer.').first().waitFor();
  await close();
});

test('beyond loopback it asks for the token once', async () => {
  const erpsatz = await serve('--host', '0.0.0.0', '--control-token', 'open-sesame');
  erpsatz.control = erpsatz.control.replace('0.0.0.0', '127.0.0.1');
  const { page, go, close } = await open(erpsatz);
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Token').fill('open-sesame');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Servers' }).waitFor();
  await go('Journal');
  await page.getByText('Live').waitFor();
  const har = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download HAR' }).click();
  await har;
  assert.ok(!page.url().includes('sesame'));
  assert.deepEqual(await page.context().cookies(), []);
  await page.reload();
  await page.getByText('Live').waitFor();
  await close();
  await erpsatz.stop();
});

test('its files are small, cached and fenced in', async () => {
  const erpsatz = await serve();
  const index = await fetch(`${erpsatz.control}/`);
  const policy = index.headers.get('content-security-policy');
  assert.match(policy, /script-src 'self'/);
  assert.ok(!policy.includes('unsafe'), policy);
  assert.equal(index.headers.get('x-content-type-options'), 'nosniff');
  assert.ok(!/<script>|onclick=|style=/.test(await index.text()), 'no inline script or style');
  const tag = index.headers.get('etag');
  assert.equal((await fetch(`${erpsatz.control}/`, { headers: { 'If-None-Match': tag } })).status, 304);
  const { page, close } = await open(erpsatz);
  await page.getByText('Live').waitFor();
  const bytes = await page.evaluate(() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
    .filter((entry) => /\/console\/|\/$/.test(new URL(entry.name).pathname)).reduce((sum, entry) => sum + entry.encodedBodySize, 0));
  console.log(`the console is ${bytes} bytes on the wire`);
  assert.ok(bytes > 10_000 && bytes < 150 * 1024, `${bytes} bytes`);
  await close();
  await erpsatz.stop();
});
