// What a device keeps until the server has it: items, files, batches, and what becomes of them. Pure: no browser, no clock,
// no network of its own; it runs under node as well.
(() => {
  'use strict';
  const field = globalThis.perceptionField ??= {};
  const batchItems = 50;
  const batchBytes = 600_000;
  const fileFormat = 'perception-queue';

  const bytesOf = (text) => new TextEncoder().encode(text);
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

  async function hash(text) {
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(text))));
  }

  function value(form, name) {
    const pair = form.find(([known]) => known === name);
    return pair ? pair[1] : '';
  }

  /** An interview or approach as it waits. Everything that is sent stands in `body`, and `hash` is its hash. */
  async function item(facts) {
    const { id, kind, evaluation, outlet, evaluator, started_at_ms, ended_at_ms, clock_offset_ms = null, form } = facts;
    const body = JSON.stringify({
      v: 1, id, kind, evaluation, outlet, evaluator, started_at_ms, ended_at_ms, clock_offset_ms, form,
    });
    return { ...shown(JSON.parse(body)), hash: await hash(body), body, state: 'waiting' };
  }

  /** What lists and counts need of a body. */
  function shown({ id, kind, evaluation, outlet, evaluator, started_at_ms, ended_at_ms, form }) {
    return {
      id, kind, evaluation, outlet, owner: evaluator, started_at_ms, at_ms: ended_at_ms,
      number: Number(value(form, 'contact_no')) || 0, rule: value(form, 'selection_rule'),
    };
  }

  /** The same form sent again is the same item; a corrected one takes its place. */
  function merged(old, fresh) {
    if (!old) return fresh;
    const form = ({ body }) => JSON.stringify(JSON.parse(body).form);
    return form(old) === form(fresh) ? old : { ...fresh, receipt: old.receipt ?? fresh.receipt };
  }

  /** What the badge says: one's own unsent, the oldest of them, those to be looked at, those of others. */
  function summary(items, owner) {
    const own = items.filter((one) => one.owner === owner);
    const times = own.map(({ at_ms }) => at_ms);
    return {
      count: own.length,
      oldest_ms: times.length ? Math.min(...times) : null,
      trouble: own.filter(({ state }) => state !== 'waiting').length,
      foreign: items.length - own.length,
    };
  }

  /** What is sent together. What must be corrected first is not sent. */
  function batches(items, owner) {
    const found = [];
    let size = 0;
    for (const { id, hash: sum, body, owner: whose, state } of items) {
      if (whose !== owner || state === 'invalid') continue;
      const bytes = bytesOf(JSON.stringify(body)).length + 200;
      const last = found[found.length - 1];
      if (last && last.length < batchItems && size + bytes <= batchBytes) {
        last.push({ id, hash: sum, body });
        size += bytes;
      } else {
        found.push([{ id, hash: sum, body }]);
        size = bytes;
      }
    }
    return found;
  }

  const acknowledged = ['stored', 'late', 'conflict'];

  /** What becomes of an item after the server's word about it: `{done}`, `{item}`, or nothing. */
  function after(one, result) {
    // The word must be about exactly this text: an older or a newer one stays.
    if (!one || one.id !== result.id || one.hash !== result.hash) return null;
    if (acknowledged.includes(result.state)) {
      const { id, kind, evaluation, outlet, owner, number, rule, at_ms } = one;
      const receipt = result.receipt ?? one.receipt ?? null;
      return { done: { id, hash: one.hash, kind, evaluation, outlet, owner, number, rule, at_ms, state: result.state, receipt } };
    }
    if (result.state === 'invalid') return { item: { ...one, state: 'invalid', fields: result.fields } };
    if (result.state === 'refused') return { item: { ...one, state: 'refused', why: result.why } };
    return null;
  }

  /**
   * Sends everything of whoever is signed in. `store` keeps, `hello` says who is signed in, `send` uploads a batch; both
   * resolve to `{status, json}` and reject without network. Nothing leaves the store before its acknowledgement.
   */
  async function upload({ store, hello, send }) {
    const told = { sent: 0, end: 'all' };
    let who;
    try {
      who = await hello();
    } catch {
      return { ...told, end: 'unreachable' };
    }
    if (who.status === 401) return { ...told, end: 'signed-out' };
    if (who.status !== 200) return { ...told, end: 'unreachable' };
    for (const batch of batches(await store.list(), who.json.person)) {
      let answer;
      try {
        answer = await send(who.json.csrf, batch);
      } catch {
        return { ...told, end: 'unreachable' };
      }
      if (answer.status === 401 || answer.status === 403) return { ...told, end: 'signed-out' };
      if (answer.status !== 200) return { ...told, end: 'unreachable' };
      for (const result of answer.json.items) told.sent += await store.settle(result);
    }
    return told;
  }

  /** The unsent items as a file. */
  function toFile(items, now_ms) {
    const plain = items.map(({ id, hash: sum, body }) => ({ id, hash: sum, body }));
    return JSON.stringify({ format: fileFormat, v: 1, saved_at_ms: now_ms, items: plain });
  }

  /** The items of a file; throws unless every one of them is whole. */
  async function fromFile(text) {
    const file = JSON.parse(text);
    if (file.format !== fileFormat || file.v !== 1 || !Array.isArray(file.items)) throw new Error('not a queue');
    const items = [];
    for (const { id, hash: sum, body } of file.items) {
      const read = JSON.parse(body);
      if (read.id !== id || read.v !== 1 || await hash(body) !== sum || !Array.isArray(read.form)) throw new Error('changed');
      items.push({ ...shown(read), hash: sum, body, state: 'waiting' });
    }
    return items;
  }

  /** Who, where and since when of a form that the server signed (survey::interview::Ticket). */
  function ticket(sealed) {
    const text = atob(sealed.replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
    const part = (at) => hex(bytes.subarray(at, at + 16));
    const uuid = (at) => part(at).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const started = new DataView(bytes.buffer).getBigInt64(65);
    return { evaluation: uuid(1), outlet: uuid(17), evaluator: uuid(33), id: part(49), started_at_ms: Number(started) };
  }

  Object.assign(field, { hex, item, merged, summary, batches, after, upload, toFile, fromFile, ticket, value });
})();
