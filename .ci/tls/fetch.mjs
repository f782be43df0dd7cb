// A token of Comarch XT by Node's fetch, which trusts what NODE_EXTRA_CA_CERTS names. Versions that do not know
// NODE_USE_ENV_PROXY are sent through the proxy by undici.
const base = process.env.BASE ?? "https://app.erpxt.de";
let send = fetch;
if (process.env.UNDICI) {
  const { EnvHttpProxyAgent, fetch: undici } = await import(process.env.UNDICI);
  const dispatcher = new EnvHttpProxyAgent();
  send = (url, init) => undici(url, { ...init, dispatcher });
}
const answer = await send(`${base}/api2/public/token`, {
  method: "POST",
  headers: { authorization: `Basic ${Buffer.from("demo-client:demo-secret").toString("base64")}` },
  body: new URLSearchParams({ grant_type: "client_credentials" }),
});
const text = await answer.text();
if (answer.status !== 200 || !JSON.parse(text).access_token) throw new Error(`${answer.status}: ${text}`);
process.exit(0);
