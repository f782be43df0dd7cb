// The control API as the console calls it: nothing here is not a documented call.

const TOKEN = 'erpsatz-token';

/** A refusal of the control API, in its own words. */
export class Refusal extends Error {
  /** @param {number} status @param {string} code @param {string} message @param {{field: string, message: string}[]} details */
  constructor(status, code, message, details) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** @returns {Record<string, string>} */
function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

/** Keeps the token for this browser tab. @param {string} token */
export function keepToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

/**
 * A call; what is refused is thrown as a {@link Refusal}.
 * @param {string} method @param {string} path @param {unknown} [body] text is sent as it is, anything else as JSON
 * @param {AbortSignal} [signal]
 * @returns {Promise<Response>}
 */
export async function send(method, path, body, signal) {
  /** @type {RequestInit} */
  const init = { method, headers: authorization(), signal, cache: 'no-store' };
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(path, init);
  if (response.ok) return response;
  const text = await response.text();
  let error = { code: 'refused', message: text || response.statusText, details: [] };
  try {
    error = { ...error, ...JSON.parse(text).error };
  } catch {
    // It is not an answer of the control API: its text says what there is to say.
  }
  throw new Refusal(response.status, error.code, error.message, error.details ?? []);
}

/** @param {string} path @returns {Promise<any>} */
export async function get(path) {
  return (await send('GET', path)).json();
}

/** Downloads an answer as a file, with the token in a header and not in the URL. @param {string} path @param {string} file */
export async function download(path, file) {
  const blob = await (await send('GET', path)).blob();
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

/** The path of a sandbox. @param {string} sandbox @param {string} [rest] */
export function inside(sandbox, rest = '') {
  return `/sandboxes/${encodeURIComponent(sandbox)}${rest}`;
}

/** @typedef {{topic: string, data: any}} Happened */

/** @type {Set<(happened: Happened) => void>} */
const listeners = new Set();

/** Hears what happens in the sandbox that is shown, until the returned function is called. @param {(happened: Happened) => void} listener */
export function hear(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @param {Happened} happened */
export function tell(happened) {
  for (const listener of listeners) listener(happened);
}

/** @param {string} block one event of a stream */
function parsed(block) {
  let topic = 'message';
  let data = '';
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) topic = line.slice(6).trim();
    if (line.startsWith('data:')) data += line.slice(5).trimStart();
  }
  return data ? { topic, data: JSON.parse(data) } : null;
}

/**
 * Reads the events of a sandbox, again and again, until the returned function is called. The stream is read by `fetch`,
 * because an EventSource cannot carry the token. It is closed while the tab is hidden.
 * @param {string} sandbox @param {(state: 'live' | 'away' | 'refused') => void} state
 */
export function follow(sandbox, state) {
  let stopped = false;
  let controller = new AbortController();
  const visibility = () => {
    if (document.hidden) controller.abort();
    else run();
  };
  let running = false;
  const run = async () => {
    if (running || stopped || document.hidden) return;
    running = true;
    let pause = 500;
    while (!stopped && !document.hidden) {
      controller = new AbortController();
      try {
        const path = `/events?sandbox=${encodeURIComponent(sandbox)}&entries=true`;
        const response = await send('GET', path, undefined, controller.signal);
        pause = 500;
        state('live');
        tell({ topic: 'resync', data: null });
        await read(response);
      } catch (error) {
        if (error instanceof Refusal && error.status === 401) {
          state('refused');
          break;
        }
      }
      if (stopped || document.hidden) break;
      if (!controller.signal.aborted) state('away');
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, 5000);
    }
    running = false;
  };
  document.addEventListener('visibilitychange', visibility);
  run();
  return () => {
    stopped = true;
    controller.abort();
    document.removeEventListener('visibilitychange', visibility);
  };
}

/** @param {Response} response */
async function read(response) {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const happened = parsed(block);
      if (happened) tell(happened);
    }
  }
}
