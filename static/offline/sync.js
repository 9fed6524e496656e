// To the server and back: one upload at a time on this device, whoever starts it.
(() => {
  'use strict';
  const field = globalThis.perceptionField;
  const { store } = field;
  const news = new BroadcastChannel('perception-field');
  const patience = 30_000;

  async function ask(address, options = {}) {
    const response = await fetch(address, {
      cache: 'no-store', redirect: 'error', credentials: 'same-origin', signal: AbortSignal.timeout(patience), ...options,
    });
    return { status: response.status, json: response.ok ? await response.json() : null };
  }

  /** Who is signed in; on the way, how far this device's clock is off. */
  async function hello() {
    const asked = Date.now();
    const answer = await ask('/sync');
    if (answer.json) await store.note('clock', { offset_ms: Math.round(answer.json.now_ms - (asked + Date.now()) / 2) });
    return answer;
  }

  const send = (csrf, items) => ask('/sync', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-perception-sync': csrf },
    body: JSON.stringify({ sent_at_ms: Date.now(), items }),
  });

  async function run() {
    const told = await field.upload({ store, hello, send });
    await store.note('upload', { at_ms: Date.now(), end: told.end });
    if (told.sent) await store.tidy();
    news.postMessage('changed');
    return told;
  }

  /** Uploads what waits; a second caller waits for the first. */
  field.run = () => (navigator.locks ? navigator.locks.request('perception-upload', run) : run());
  field.news = news;

  /** Takes the pages of the field along, and the files they load. */
  field.fetchKit = async () => {
    const asked = Date.now();
    const { json: kit } = await ask('/sync/kit');
    if (!kit || kit.v !== 1) return false;
    await store.note('clock', { offset_ms: Math.round(kit.now_ms - (asked + Date.now()) / 2) });
    const files = await caches.open('perception-files');
    const known = (await files.keys()).map(({ url }) => new URL(url).pathname);
    await files.addAll(kit.files.filter((file) => !known.includes(file)));
    await store.saveKit({ ...kit, fetched_at_ms: Date.now() });
    for (const old of known.filter((file) => !kit.files.includes(file))) await files.delete(old);
    news.postMessage('changed');
    return true;
  };
})();
