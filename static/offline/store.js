// The device's database: items that wait, what was sent, pages taken along. Nothing in it is ever deleted for its age.
(() => {
  'use strict';
  const field = globalThis.perceptionField ??= {};
  const doneMax = 500;

  function open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open('perception-field', 1);
      request.onupgradeneeded = () => {
        for (const name of ['items', 'done']) request.result.createObjectStore(name, { keyPath: 'id' });
        request.result.createObjectStore('facts');
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }

  let opened;
  const database = () => (opened ??= open().then((found) => {
    found.onclose = () => { opened = undefined; };
    found.onversionchange = () => { found.close(); opened = undefined; };
    return found;
  }, (error) => { opened = undefined; throw error; }));

  const got = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  /** Runs `work` in one transaction; resolves to its result once everything is on disk. */
  async function inside(names, mode, work) {
    const transaction = (await database()).transaction(names, mode, { durability: 'strict' });
    const ended = new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('aborted'));
      transaction.onerror = () => reject(transaction.error);
    });
    ended.catch(() => {});
    const result = await work((name) => transaction.objectStore(name));
    await ended;
    return result;
  }

  const store = {
    list: () => inside(['items'], 'readonly', (of) => got(of('items').getAll())),
    done: () => inside(['done'], 'readonly', (of) => got(of('done').getAll())),
    find: (id) => inside(['items', 'done'], 'readonly', async (of) => ({
      item: await got(of('items').get(id)), done: await got(of('done').get(id)),
    })),

    /** Keeps an item unless it was sent; resolves to what is known of it now. */
    keep: (fresh) => inside(['items', 'done'], 'readwrite', async (of) => {
      const done = await got(of('done').get(fresh.id));
      if (done) return { done };
      const item = field.merged(await got(of('items').get(fresh.id)), fresh);
      await got(of('items').put(item));
      return { item };
    }),

    /** Takes the server's word about an item; resolves to 1 if it may go. */
    settle: (result) => inside(['items', 'done'], 'readwrite', async (of) => {
      const next = field.after(await got(of('items').get(result.id)), result);
      if (next?.item) await got(of('items').put(next.item));
      if (!next?.done) return 0;
      await got(of('done').put(next.done));
      await got(of('items').delete(result.id));
      return 1;
    }),

    /** Adds items of a file that are neither waiting nor sent; resolves to how many. */
    load: (items) => inside(['items', 'done'], 'readwrite', async (of) => {
      let added = 0;
      for (const item of items) {
        const known = await got(of('done').get(item.id)) ?? await got(of('items').get(item.id));
        if (!known) { await got(of('items').put(item)); added += 1; }
      }
      return added;
    }),

    /** Receipts of sent items need not stay for ever: the server has them. */
    tidy: () => inside(['done'], 'readwrite', async (of) => {
      const all = await got(of('done').getAll());
      const old = all.sort((a, b) => b.at_ms - a.at_ms).slice(doneMax);
      for (const { id } of old) await got(of('done').delete(id));
    }),

    fact: (name) => inside(['facts'], 'readonly', (of) => got(of('facts').get(name))),
    note: (name, value) => inside(['facts'], 'readwrite', (of) => got(of('facts').put(value, name))),

    /** A client id for a new interview, with its receipt while there are some at hand. */
    takeReceipt: () => inside(['facts'], 'readwrite', async (of) => {
      const receipts = await got(of('facts').get('receipts')) ?? { free: [], codes: {} };
      const next = receipts.free.shift() ?? { id: field.hex(crypto.getRandomValues(new Uint8Array(16))), code: null };
      if (next.code) receipts.codes[next.id] = next.code;
      await got(of('facts').put(receipts, 'receipts'));
      return next.id;
    }),

    /** Takes pages along, and the receipts that came with them. */
    saveKit: ({ receipts: free, ...kit }) => inside(['facts'], 'readwrite', async (of) => {
      const known = await got(of('facts').get('receipts')) ?? { codes: {} };
      // Codes of what still waits are needed; the latest are enough.
      const codes = Object.fromEntries(Object.entries(known.codes).slice(-1000));
      await got(of('facts').put({ free, codes }, 'receipts'));
      await got(of('facts').put(kit, 'kit'));
    }),
  };
  field.store = store;
})();
