// Evaluators without network: every journey really loses it and comes back. Between browser and server stands a gate
// that can be shut, answer for a broken server, or swallow an answer.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import { press, signIn } from './desk.mjs';
import { goOnTo, itemInSight, on, protocol, toServices, touch } from './interviewer.mjs';
import { pick, ui } from './journey.mjs';
import { another, follow, launch, looksRight, noSidewaysScroll, page, startDemo, targetsAtLeast44 } from './support.mjs';

const demo = await startDemo();
const { evaluator, manager, reviewer } = demo.users;
const evaluation = `/evaluations/${demo.evaluation_id}`;

/** The gate: `open`, `shut` (no network), `broken` (503 to uploads), `deaf` (uploads arrive, their answers do not). */
const gate = { state: 'open', clockOffMs: 0, sockets: new Set() };
const server = new URL(demo.base_url);
const between = http.createServer((request, response) => {
  if (gate.state === 'shut') { request.socket.destroy(); return; }
  const upload = request.method === 'POST' && (request.url === '/sync' || /\/(interview\/[^/]+|approach)$/.test(request.url));
  if (gate.state === 'broken' && upload) { response.writeHead(503).end('no'); return; }
  const onward = http.request({ host: server.hostname, port: server.port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
    if (gate.state === 'deaf' && upload) { request.socket.destroy(); answer.resume(); return; }
    const timed = gate.clockOffMs && request.method === 'GET' && request.url.startsWith('/sync');
    if (!timed) { response.writeHead(answer.statusCode, answer.headers); answer.pipe(response); return; }
    let text = '';
    answer.setEncoding('utf8').on('data', (more) => { text += more; }).on('end', () => {
      const late = text.replace(/"now_ms":(\d+)/, (_, ms) => `"now_ms":${Number(ms) + gate.clockOffMs}`);
      const { 'content-length': _, ...headers } = answer.headers;
      response.writeHead(answer.statusCode, headers).end(late);
    });
    if (answer.headers['content-encoding']) throw new Error('a packed answer cannot be changed');
  });
  onward.on('error', () => response.destroy());
  if (gate.clockOffMs) onward.removeHeader('accept-encoding');
  request.pipe(onward);
}).on('connection', (socket) => {
  gate.sockets.add(socket);
  socket.on('close', () => gate.sockets.delete(socket));
});
await new Promise((resolve) => { between.listen(0, '127.0.0.1', resolve); });
const base = `http://127.0.0.1:${between.address().port}`;

const browser = await launch();
const folders = [];
const contexts = [];
after(async () => {
  await browser.close();
  between.closeAllConnections();
  between.close();
  await demo.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  Object.assign(gate, { state: 'open', clockOffMs: 0 });
  for (const context of contexts.splice(0)) await context.close();
});

async function goOffline(tab) {
  gate.state = 'shut';
  for (const socket of gate.sockets) socket.destroy();
  await tab.context().setOffline(true);
}
async function goOnline(tab) {
  gate.state = 'open';
  await tab.context().setOffline(false);
}

const badge = (tab) => tab.locator('[data-field]');
const unsent = async (tab, count) => {
  await tab.waitForFunction((n) => document.querySelector('[data-field]')?.dataset.unsent === String(n), count, { timeout: 15_000 });
};

/** A phone whose evaluator visited the start page once, with network. */
async function device({ context, signedIn = true } = {}) {
  const tab = context ? await another(context) : await page(browser, { width: 360, height: 740, javaScript: true });
  contexts.push(tab.context());
  if (signedIn) await signIn(tab, base, evaluator);
  await ready(tab);
  return tab;
}

async function ready(tab) {
  await tab.goto(`${base}/today`);
  const taken = () => tab.evaluate(async () => {
    const kit = navigator.serviceWorker.controller && await globalThis.perceptionField.store.fact('kit');
    return Boolean(kit) && Date.now() - kit.fetched_at_ms < 60_000;
  });
  for (const end = Date.now() + 20_000; !await taken();) {
    assert.ok(Date.now() < end, 'the pages are taken along');
    await tab.waitForTimeout(100);
  }
}

/** Looks at a page that the device shows by itself; the copy that axe looks at is another profile's and has a network. */
async function looksRightOffline(tab, name) {
  gate.state = 'open';
  await looksRight(tab, name);
  gate.state = 'shut';
}

/** A whole interview up to the button that sends it, with so many items rated. */
async function fill(tab, value = '4', items = 2) {
  await tab.waitForSelector('form.interview.stepped');
  await toServices(tab, ['outlet']);
  await touch(tab, 'G00', value);
  for (let n = 0; await itemInSight(tab); n += 1) {
    if (n < items) await touch(tab, await itemInSight(tab), value);
    else await on(tab).click();
  }
  await goOnTo(tab, 'place');
  await protocol(tab);
  await goOnTo(tab, 'selection_rule');
  await tab.locator('[name=selection_rule]').fill('每第 5 位');
  await pick(tab, 'evaluator_declaration');
}
const submit = (tab) => follow(tab, () => tab.locator('[data-go=send]').click());
const start = (tab) => follow(tab, () => tab.locator('main a.button.main').first().click());

async function approach(tab, reason = 'fear') {
  await tab.goto(`${base}/today`);
  await follow(tab, () => tab.locator('a[href$="/approach"]').first().click());
  await pick(tab, 'outcome', '210');
  await pick(tab, 'refusal_reason', reason);
  await follow(tab, () => tab.locator('main form.form .send button').click());
}

async function interview(tab, value) {
  await tab.goto(`${base}/today`);
  await start(tab);
  await fill(tab, value);
  await submit(tab);
}

/** What the server holds of this evaluator: `[valid interviews, approaches with and without one]`. */
async function held() {
  const tab = await page(browser, { width: 360 });
  await signIn(tab, demo.base_url, evaluator);
  await tab.goto(`${demo.base_url}${evaluation}/interviews?lang=en`);
  const text = await tab.locator('main').innerText();
  await tab.context().close();
  return [...text.matchAll(/Mine in all: (\d+) done, (\d+) approached/g)]
    .reduce(([a, b], [, done, approached]) => [a + Number(done), b + Number(approached)], [0, 0]);
}

test('after one visit everything works without network, and is stored once', async () => {
  const before = await held();
  const tab = await device();
  await goOffline(tab);
  for (const name of ['today', 'today/queue']) {
    await tab.goto(`${base}/${name}`);
    await looksRightOffline(tab, `offline-${name.replace('/', '-')}`);
  }
  await tab.goto(`${base}/account`);
  assert.equal(await tab.locator('h1').innerText(), '需要网络', 'what was not taken along says so');
  await tab.goto(`${base}/today`);
  await start(tab);
  assert.match(tab.url(), /\/interview\/~[0-9a-f]{32}\.\d+$/);
  await looksRightOffline(tab, 'offline-interview');
  await tab.locator('.showcard summary').click();
  assert.equal(await tab.locator('.sheet li').count(), 6);
  await tab.locator('.showcard summary').click();
  await toServices(tab, ['outlet']);
  await tab.reload();
  await tab.waitForSelector('form.interview.stepped');
  assert.ok(await ui.control(tab, 'services', 'outlet').isChecked(), 'a reload keeps what was answered');
  const form = tab.url();
  await tab.goto(`${base}/today`);
  await start(tab);
  assert.notEqual(tab.url(), form, 'another interview is another form');
  await fill(tab, '4', Infinity); // a complete one
  assert.deepEqual([...await noSidewaysScroll(tab), ...await targetsAtLeast44(tab)], [], 'one thumb at 360 px');
  await submit(tab);
  const receipt = await ui.receipt(tab).getAttribute('data-receipt');
  assert.match(receipt, /^(\w{4}-){3}\w{4}$/, 'the receipt is there at once');
  await looksRightOffline(tab, 'offline-receipt');
  await approach(tab);
  assert.equal(new URL(tab.url()).pathname, '/today/queue');
  await unsent(tab, 2);
  await looksRightOffline(tab, 'offline-queue');
  await tab.reload();
  await unsent(tab, 2);
  await tab.goto(`${base}/today`);
  await follow(tab, () => tab.locator('a[href$="/approach"]').first().click());
  await looksRightOffline(tab, 'offline-approach');
  assert.ok(Number(await tab.locator('[name=contact_no]').inputValue()) > 2, 'the running number goes on');
  await goOnline(tab);
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 0);
  assert.equal(await tab.locator('[data-done] .receipt').first().textContent(), receipt, 'the server gives the same receipt');
  const now = await held();
  assert.deepEqual([now[0] - before[0], now[1] - before[1]], [1, 2]);
});

test('unsent interviews survive the end of the browser', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perception-device-'));
  folders.push(folder);
  const open = () => chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', viewport: { width: 360, height: 740 }, locale: 'zh-CN',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const before = await held();
  let context = await open();
  context.setDefaultTimeout(10_000);
  let tab = await device({ context });
  await goOffline(tab);
  await interview(tab, '5');
  await unsent(tab, 1);
  await context.close();
  contexts.length = 0;
  context = await open();
  contexts.push(context);
  await context.setOffline(true);
  const later = await another(context);
  await later.clock.setFixedTime(Date.now() + 72 * 3_600_000);
  await later.goto(`${base}/today`);
  await unsent(later, 1);
  assert.match(await badge(later).innerText(), /3 天/, 'three days later it is still there');
  await later.close();
  tab = await another(context);
  await tab.goto(`${base}/today`);
  await unsent(tab, 1);
  await goOnline(tab);
  await signIn(tab, base, evaluator); // a session ends with its browser
  await tab.goto(`${base}/today`);
  await unsent(tab, 0);
  assert.equal((await held())[1] - before[1], 1);
});

test('ten uploads of one queue store it once', async () => {
  const before = await held();
  const tab = await device();
  await goOffline(tab);
  await interview(tab);
  await approach(tab, 'no_time');
  await unsent(tab, 2);
  const items = await tab.evaluate(() => globalThis.perceptionField.store.list());
  await goOnline(tab);
  for (let time = 0; time < 10; time += 1) {
    const left = await tab.evaluate(async (kept) => {
      const { store, run } = globalThis.perceptionField;
      await new Promise((resolve, reject) => {
        const request = indexedDB.open('perception-field');
        request.onerror = reject;
        request.onsuccess = () => {
          const change = request.result.transaction(['items', 'done'], 'readwrite');
          change.objectStore('done').clear();
          for (const item of kept) change.objectStore('items').put(item);
          change.oncomplete = () => { request.result.close(); resolve(); };
        };
      });
      await run();
      return (await store.list()).length;
    }, items);
    assert.equal(left, 0);
  }
  assert.equal((await held())[1] - before[1], 2);
});

test('a broken server keeps the queue; an answer that got lost does no harm', async () => {
  const before = await held();
  const tab = await device();
  gate.state = 'broken';
  await tab.goto(`${base}/today`);
  await start(tab); // begun with network: the server signed the form
  assert.match(tab.url(), /\/interview\/[\w-]{100,}$/);
  await fill(tab);
  await submit(tab);
  assert.match(tab.url(), /\/~[0-9a-f]{32}\.\d+\/receipt$/, 'kept here instead');
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 1);
  await tab.locator('[data-send]').click();
  await tab.locator('[data-said]:not([hidden])').waitFor();
  await unsent(tab, 1);
  gate.state = 'deaf'; // everything arrives, nothing comes back
  await tab.locator('[data-send]').click();
  await tab.waitForTimeout(500);
  await unsent(tab, 1);
  gate.state = 'open';
  await tab.locator('[data-send]').click();
  await unsent(tab, 0);
  gate.state = 'deaf'; // the page's own form arrives without an answer
  await tab.goto(`${base}/today`);
  await start(tab);
  await fill(tab, '2');
  await submit(tab);
  gate.state = 'open';
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 0);
  assert.equal(await tab.locator('[data-done] li[data-state=stored]').count(), 2);
  assert.equal((await held())[1] - before[1], 2);
});

test('two devices of one evaluator keep apart and add up', async () => {
  const before = await held();
  const [one, other] = [await device(), await device()];
  await goOffline(one);
  await goOffline(other);
  await Promise.all([interview(one, '3'), interview(other, '3')]);
  await goOnline(one);
  await goOnline(other);
  for (const tab of [one, other]) {
    await tab.goto(`${base}/today`);
    await unsent(tab, 0);
  }
  assert.equal((await held())[1] - before[1], 2);
});

test('a session that has ended is begun again; somebody else’s interviews stay', async () => {
  const before = await held();
  const tab = await device();
  await goOffline(tab);
  await interview(tab);
  await tab.evaluate(async () => {
    const { store, item } = globalThis.perceptionField;
    const [{ body }] = await store.list();
    await store.load([await item({ ...JSON.parse(body), id: 'cd'.repeat(16), evaluator: '00000000-0000-4000-8000-000000000000' })]);
  });
  await tab.context().clearCookies();
  await goOnline(tab);
  await tab.goto(`${base}/sign-in`);
  await tab.goto(`${base}/today/queue`); // leads to signing in
  assert.equal(new URL(tab.url()).pathname, '/sign-in');
  await signIn(tab, base, evaluator);
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 0);
  assert.match(await badge(tab).innerText(), /其他评价员未上传的 1 份/);
  assert.equal(await tab.locator('[data-items] li').count(), 1);
  assert.equal((await held())[1] - before[1], 1);
});

test('a queue goes to a file and into another device', async () => {
  const before = await held();
  const [tab, other] = [await device(), await device()];
  await goOffline(tab);
  await interview(tab);
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 1);
  const [download] = await Promise.all([tab.waitForEvent('download'), tab.locator('[data-save]').click()]);
  const folder = mkdtempSync(join(tmpdir(), 'perception-file-'));
  folders.push(folder);
  const file = join(folder, 'queue.json');
  await download.saveAs(file);
  await goOffline(other);
  await other.goto(`${base}/today/queue`);
  const changed = join(folder, 'changed.json');
  writeFileSync(changed, readFileSync(file, 'utf8').replace('每第 5 位', '每第 6 位'));
  await other.locator('[data-load]').setInputFiles(changed);
  await other.locator('[data-said]:not([hidden])').waitFor();
  await unsent(other, 0);
  await other.locator('[data-load]').setInputFiles(file);
  await unsent(other, 1);
  for (const each of [other, tab]) {
    await goOnline(each);
    await each.goto(`${base}/today`);
    await unsent(each, 0);
  }
  assert.equal((await held())[1] - before[1], 1, 'sent from both, stored once');
});

test('what the server refuses is corrected on the page it came from', async () => {
  const before = await held();
  const tab = await device();
  await goOffline(tab);
  await tab.goto(`${base}/today`);
  await start(tab);
  await fill(tab);
  await tab.evaluate(() => { document.querySelector('[name=contact_no]').value = '0'; });
  await submit(tab);
  await goOnline(tab);
  await tab.goto(`${base}/today/queue`);
  await tab.locator('li[data-state=invalid]').waitFor();
  await looksRight(tab, 'queue-invalid');
  await follow(tab, () => tab.locator('li[data-state=invalid] a').click());
  await tab.locator('.alert a[href="#contact_no"]').waitFor();
  assert.ok(await ui.control(tab, 'G00', '4').isChecked(), 'everything is still there');
  assert.ok(await tab.locator('[name=contact_no]').isVisible());
  await tab.locator('[name=contact_no]').fill('41');
  await goOnTo(tab, 'evaluator_declaration');
  await submit(tab);
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 0);
  assert.equal((await held())[1] - before[1], 1);
});

test('a wrong clock is measured and said', async () => {
  gate.clockOffMs = 2 * 3_600_000;
  const tab = await device();
  await tab.goto(`${base}/today/queue`);
  await tab.locator('[data-clock]:not([hidden])').waitFor();
  assert.match(await tab.locator('[data-clock]').innerText(), /相差 120 分钟/);
  await goOffline(tab);
  await interview(tab);
  const [{ body }] = await tab.evaluate(() => globalThis.perceptionField.store.list());
  assert.ok(Math.abs(JSON.parse(body).clock_offset_ms - 7_200_000) < 5_000);
  await goOnline(tab);
  await tab.goto(`${base}/today`);
  await unsent(tab, 0);
});

test('a full device says so and loses nothing', async () => {
  const tab = await device();
  await tab.goto(`${base}/today/queue`);
  await tab.locator('[data-storage]', { hasText: '浏览器' }).waitFor(); // persistent storage was asked for
  await goOffline(tab);
  await tab.goto(`${base}/today`);
  await start(tab);
  await fill(tab, '1');
  const [worker] = tab.context().serviceWorkers();
  await worker.evaluate(() => {
    globalThis.keptPut = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
  });
  assert.equal((await submit(tab)).status(), 507);
  assert.ok(await tab.locator('.alert').isVisible());
  await looksRightOffline(tab, 'offline-full');
  await worker.evaluate(() => { IDBObjectStore.prototype.put = globalThis.keptPut; });
  await tab.goBack();
  await tab.waitForSelector('form.interview.stepped');
  assert.ok(await ui.control(tab, 'G00', '1').isChecked());
  await submit(tab);
  await goOnline(tab);
  await tab.goto(`${base}/today`);
  await unsent(tab, 0);
});

test('a place is asked for once and made coarse, a telephone number leaves the page sealed, and only the reviewer reads them', async () => {
  const tab = await device();
  await tab.context().grantPermissions(['geolocation']);
  await tab.context().setGeolocation({ latitude: 31.230416, longitude: 121.473701 });
  await goOffline(tab);
  await tab.goto(`${base}/today`);
  await start(tab);
  await fill(tab);
  const place = tab.locator('[name=location]');
  assert.equal(await place.inputValue(), '', 'nothing is asked of the device before the customer agrees');
  await pick(tab, 'location_consent', 'yes');
  await tab.locator('[data-location] [role=status]:not(:empty)').waitFor();
  assert.equal(await place.inputValue(), '31.23,121.47');
  await pick(tab, 'phone_consent', 'yes');
  await tab.locator('#phone').fill('138 1234 5678');
  await submit(tab);
  const [{ body }] = await tab.evaluate(() => globalThis.perceptionField.store.list());
  assert.ok(!/31\.230|121\.473/.test(body), 'the exact place never leaves the page');
  assert.ok(!/1234\s?5678/.test(body) && /"phone_sealed","[\w-]{120,}"/.test(body), 'only its envelope is on the device');
  const paradata = JSON.parse(JSON.parse(body).form.find(([name]) => name === 'paradata')[1]);
  assert.ok(paradata.shown.length > 8 && paradata.shown.every(([, ms]) => ms >= 0), 'time per step');
  await goOnline(tab);
  await tab.goto(`${base}/today`);
  await unsent(tab, 0);
  const desk = await page(browser, { width: 1280, javaScript: true });
  contexts.push(desk.context());
  await signIn(desk, demo.base_url, reviewer);
  await desk.goto(`${demo.base_url}${evaluation}/phones`);
  assert.ok(await desk.getByText('13812345678').isVisible());
  await looksRight(desk, 'phones');
  await desk.goto(`${demo.base_url}${evaluation}/reviews`);
  await follow(desk, () => desk.locator('#list ~ * a, section table a').first().click());
  const about = await desk.locator('main').innerText();
  assert.ok(about.includes('31.23') && about.includes('离线记录') && /每题停留\s+\d+ 题/.test(about), about);
});

/** The reviewer approves every interview that came in, so that fieldwork can be closed; also the one that was asked back. */
async function approveWhatWaits(judge) {
  const reviews = `${demo.base_url}${evaluation}/reviews`;
  await judge.goto(reviews);
  for (const box of await judge.locator('input[name=interview]').all()) await box.check();
  assert.equal((await press(judge)).status(), 200);
  await judge.goto(`${reviews}?state=asked`);
  await follow(judge, () => judge.locator('main table a').first().click());
  await pick(judge, 'ruling', 'approved');
  assert.equal((await press(judge)).status(), 200);
}

test('what comes after closing waits for the reviewer', async () => {
  const tab = await device();
  await goOffline(tab);
  await interview(tab, '5');
  const [desk, judge] = await Promise.all([1, 2].map(() => page(browser, { width: 1280, javaScript: true })));
  contexts.push(desk.context(), judge.context());
  gate.state = 'open';
  await signIn(judge, demo.base_url, reviewer);
  await approveWhatWaits(judge);
  await signIn(desk, demo.base_url, manager);
  await desk.goto(`${demo.base_url}${evaluation}/uploads`);
  await looksRight(desk, 'uploads-setting');
  await desk.goto(`${demo.base_url}${evaluation}`);
  assert.equal((await press(desk)).status(), 200); // close
  await goOnline(tab);
  await tab.goto(`${base}/today/queue`);
  await unsent(tab, 0);
  await tab.locator('[data-done] li[data-state=late]').waitFor();
  await judge.goto(`${demo.base_url}${evaluation}/uploads`);
  await looksRight(judge, 'uploads');
  await follow(judge, () => judge.locator('main a.button.main').first().click());
  await looksRight(judge, 'upload');
  await pick(judge, 'decision', 'accept');
  await judge.locator('[name=reason]').fill('地下商场无网络');
  assert.equal((await press(judge)).status(), 200);
  assert.ok(await judge.getByText('地下商场无网络').isVisible());
});
