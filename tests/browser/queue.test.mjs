// The queue of a device against the real server: random schedules of loss, replay, reordering, files and log-outs,
// compared with a model. 1 000 schedules; PERCEPTION_SCHEDULES and PERCEPTION_SEED change that.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, test } from 'node:test';
import '../../static/offline/queue.js';
import { startDemo } from './support.mjs';

const field = globalThis.perceptionField;
const schedules = Number(process.env.PERCEPTION_SCHEDULES ?? 1000);
const seed = Number(process.env.PERCEPTION_SEED ?? 20261125);
const atOnce = 6;

const demo = await startDemo();
after(() => demo.stop());
const base = demo.base_url;

/** mulberry32. */
function dice(start) {
  let state = start >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (n) => Math.floor(next() * n),
    happens: (p) => next() < p,
    of: (list) => list[Math.floor(next() * list.length)],
    id: () => Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16)).join(''),
    shuffled: (list) => list.map((one) => [next(), one]).sort(([a], [b]) => a - b).map(([, one]) => one),
  };
}

/** The evaluator's session: one for all schedules, so that any of them signs the others out. */
const session = {
  cookie: '',
  /** A connection each: a kept one may be closed by the server just when it is used again. */
  async ask(path, { method = 'GET', headers = {}, body } = {}) {
    const form = body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
    const request = http.request(base + path, { method, agent: false, headers: { cookie: this.cookie, origin: base, ...form, ...headers } });
    request.end(body && String(body));
    const [answer] = await once(request, 'response');
    const text = Buffer.concat(await answer.toArray()).toString();
    return { status: answer.statusCode, cookies: answer.headers['set-cookie'] ?? [], text: () => text, json: () => JSON.parse(text) };
  },
  /** One at a time, as one person would: many tries at once look like guessing. */
  signIn() {
    this.pending ??= this.enter().finally(() => { this.pending = null; });
    return this.pending;
  },
  async enter() {
    const { login, password } = demo.users.evaluator;
    const form = new URLSearchParams({ login, password });
    const page = (await this.ask('/sign-in')).text();
    for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)) form.set(name, value);
    const response = await this.ask('/sign-in', { method: 'POST', body: form });
    assert.equal(response.status, 303, response.text());
    this.cookie = response.cookies.map((line) => line.split(';')[0]).join('; ');
  },
  async signOut() {
    const hello = await this.ask('/sync');
    if (hello.status !== 200) return;
    const { csrf } = hello.json();
    await this.ask('/sign-out', { method: 'POST', body: new URLSearchParams({ csrf }) });
  },
};

await session.signIn();
const kit = (await session.ask('/sync/kit')).json();
const [evaluation] = kit.evaluations;
const counted = async () => {
  const page = (await session.ask(`/evaluations/${evaluation.id}/interviews?lang=en`)).text();
  return [...page.matchAll(/Mine in all: (\d+) done, (\d+) approached/g)].reduce((sum, [, , n]) => sum + Number(n), 0);
};

const interview = (rule) => Object.entries({
  contact_no: '4', consent: 'yes', age18: 'yes', service_12m: 'yes', conflict: 'no', services: 'outlet', G00: '4', F01: '5',
  place: 'outside', id_card_shown: 'yes', show_card_used: 'yes', others_present: 'no', staff_within_earshot: 'no',
  selection_rule: rule, evaluator_declaration: 'yes', lang: 'en',
});
const approach = (reason) => Object.entries({ contact_no: '5', outcome: '210', refusal_reason: reason });

/** What static/offline/store.js does, in memory. */
class Store {
  items = new Map();

  gone = new Map();

  async list() { return [...this.items.values()]; }

  keep(fresh) {
    if (!this.gone.has(fresh.id)) this.items.set(fresh.id, field.merged(this.items.get(fresh.id), fresh));
  }

  async settle(result) {
    const next = field.after(this.items.get(result.id), result);
    if (next?.item) this.items.set(result.id, next.item);
    if (!next?.done) return 0;
    this.gone.set(result.id, next.done);
    this.items.delete(result.id);
    return 1;
  }

  load(items) {
    for (const item of items) if (!this.gone.has(item.id) && !this.items.has(item.id)) this.items.set(item.id, item);
  }
}

const reasons = ['fear', 'no_time', 'no_interest'];

/** One schedule: two devices of one evaluator, a network that loses and repeats, and what the server must hold. */
class Schedule {
  stores = [new Store(), new Store()];

  created = new Set();

  first = new Map(); // id → the hash that counts

  versions = new Map(); // id → every hash that arrived

  wire = []; // batches that were on the network once

  constructor(n) { this.dice = dice(seed + n * 7919); }

  async forward(csrf, items) {
    const body = JSON.stringify({ sent_at_ms: Date.now(), items });
    const headers = { 'content-type': 'application/json', 'x-perception-sync': csrf };
    const response = await session.ask('/sync', { method: 'POST', headers, body });
    if (response.status !== 200) return { status: response.status, json: null };
    const json = response.json();
    assert.deepEqual(json.items.map(({ id, hash }) => [id, hash]), items.map(({ id, hash }) => [id, hash]));
    for (const [place, { id, hash }] of items.entries()) {
      if (json.items[place].state === 'busy') continue; // taken by nobody: the device keeps it
      if (!this.first.has(id)) this.first.set(id, hash);
      this.versions.set(id, (this.versions.get(id) ?? new Set()).add(hash));
      assert.equal(json.items[place].state, this.first.get(id) === hash ? 'stored' : 'conflict');
    }
    return { status: 200, json };
  }

  transport(fault) {
    const lost = () => { throw new TypeError('network'); };
    return {
      hello: async () => {
        if (fault === 'no-network') lost();
        const response = await session.ask('/sync');
        return { status: response.status, json: response.status === 200 ? response.json() : null };
      },
      send: async (csrf, batch) => {
        const items = fault === 'reordered' ? this.dice.shuffled(batch) : batch;
        this.wire.push(items);
        if (fault === 'request-lost') lost();
        if (fault === 'unavailable') return { status: 503, json: null };
        const answer = await this.forward(csrf, items);
        if (fault === 'answer-lost') lost();
        if (fault === 'cut' && answer.json) return { status: 200, json: { items: answer.json.items.slice(0, 1) } };
        return answer;
      },
    };
  }

  async create(store) {
    const id = this.dice.id();
    const isInterview = this.dice.happens(0.15);
    const form = isInterview ? interview(`every ${this.dice.below(9)}`) : approach(this.dice.of(reasons));
    store.keep(await this.item(id, isInterview ? 'interview' : 'approach', form));
    this.created.add(id);
  }

  item(id, kind, form) {
    const now = Date.now() - this.dice.below(3 * 86_400_000);
    const outlet = this.dice.of(evaluation.outlets).id;
    return field.item({ id, kind, evaluation: evaluation.id, outlet, evaluator: kit.person, started_at_ms: now - 240_000, ended_at_ms: now, form });
  }

  async step() {
    const { dice: d, stores } = this;
    const store = d.of(stores);
    const waiting = [...store.items.values()];
    switch (d.below(12)) {
      case 0: case 1: case 2: return this.create(store);
      case 3: { // the same form sent twice, or corrected before it was sent
        if (!waiting.length) return null;
        const { id, kind, body } = d.of(waiting);
        const { form } = JSON.parse(body);
        const other = kind === 'interview' ? interview(`other ${d.below(99)}`) : approach(d.of(reasons));
        return store.keep(await this.item(id, kind, d.happens(0.5) ? form : other));
      }
      case 4: { // a file from one device to the other
        const text = field.toFile(waiting, Date.now());
        return d.of(stores).load(await field.fromFile(text));
      }
      case 5: return d.happens(0.2) ? session.signOut() : null;
      case 6: { // the network repeats something old
        if (!this.wire.length) return null;
        const hello = await session.ask('/sync');
        return hello.status === 200 ? this.forward(hello.json().csrf, d.of(this.wire)) : null;
      }
      default: {
        const fault = d.of(['none', 'none', 'no-network', 'request-lost', 'answer-lost', 'unavailable', 'reordered', 'cut']);
        const told = await field.upload({ store, ...this.transport(fault) });
        if (told.end === 'signed-out' && d.happens(0.7)) await session.signIn();
        return null;
      }
    }
  }

  /** Nothing is ever nowhere. */
  check() {
    for (const id of this.created) {
      assert.ok(this.first.has(id) || this.stores.some(({ items }) => items.has(id)), `${id} is lost`);
    }
    for (const { gone } of this.stores) for (const id of gone.keys()) assert.ok(this.versions.get(id).has(gone.get(id).hash), 'removed unacknowledged');
  }

  async run() {
    for (let left = 6 + this.dice.below(12); left > 0; left -= 1) {
      await this.step();
      this.check();
    }
    for (const store of this.stores) {
      for (let tries = 0; store.items.size; tries += 1) {
        assert.ok(tries < 50, 'the queue does not empty');
        const told = await field.upload({ store, ...this.transport('none') });
        if (told.end === 'signed-out') await session.signIn();
      }
    }
    this.check();
    assert.deepEqual(new Set(this.first.keys()), this.created, 'everything arrived, nothing else did');
    return this.created.size;
  }
}

test(`${schedules} random schedules: everything arrives once, nothing is lost`, { timeout: 3_600_000 }, async (t) => {
  const before = await counted();
  let [next, sum] = [0, 0];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < schedules) {
      const n = next;
      next += 1;
      try {
        const created = await new Schedule(n).run();
        sum += created;
      } catch (error) {
        throw new Error(`schedule ${n}, seed ${seed}`, { cause: error });
      }
    }
  }));
  await session.signIn();
  assert.equal(await counted() - before, sum, 'the server counts what was created');
  t.diagnostic(`${sum} interviews and approaches of ${next} schedules`);
});

test('a file is loaded whole or not at all', async () => {
  const item = await field.item({ id: 'ab'.repeat(16), kind: 'approach', evaluation: evaluation.id, outlet: evaluation.outlets[0].id, evaluator: kit.person, started_at_ms: 1, ended_at_ms: 2, form: approach('fear') });
  const text = field.toFile([item], 3);
  assert.deepEqual((await field.fromFile(text)).map(({ id, hash }) => [id, hash]), [[item.id, item.hash]]);
  for (const changed of [text.replace('fear', 'other'), text.replace('"v":1', '"v":2'), text.slice(0, -5), '[]', text.replace(item.hash, 'ab'.repeat(32))]) {
    await assert.rejects(field.fromFile(changed), changed);
  }
});
