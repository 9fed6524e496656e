// Answers for the server where there is none: shows the pages that were taken along, keeps the forms that cannot be sent.
// With network everything goes to the server as it would without this file.
(() => {
  'use strict';
  const field = globalThis.perceptionField;
  const { store } = field;
  const patience = 10_000;
  const noId = '00000000-0000-0000-0000-000000000000';

  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener('sync', (event) => event.waitUntil(field.run()));

  self.addEventListener('fetch', (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== self.location.origin) return;
    if (url.pathname.startsWith('/static/')) event.respondWith(file(request));
    if (request.mode !== 'navigate') return;
    const place = placeOf(url.pathname);
    if (!place) {
      if (request.method === 'GET' && !navigator.onLine) event.respondWith(away(request, url));
      return;
    }
    if (request.method === 'GET') event.respondWith(show(request, place, url));
    if (request.method === 'POST' && (place.name === 'form' || place.name === 'approach')) event.respondWith(take(event, place));
  });

  /** Which page of the field an address is. */
  function placeOf(path) {
    const simple = { '/': 'home', '/today': 'today', '/today/queue': 'queue' }[path];
    if (simple) return { name: simple };
    const parts = /^\/evaluations\/([^/]+)\/(?:(interviews)|outlets\/([^/]+)\/(?:(approach)|(interview)(?:\/([^/]+)(?:\/(receipt))?)?))$/.exec(path);
    if (!parts) return null;
    const [, evaluation, list, outlet, approach, , sealed, receipt] = parts;
    const own = sealed && /^~([0-9a-f]{32})\.(\d{1,15})$/.exec(sealed);
    let name = 'begin';
    if (list) name = 'home';
    else if (approach) name = 'approach';
    else if (receipt) name = 'receipt';
    else if (sealed) name = 'form';
    return { name, path, evaluation, outlet, sealed, own: own && { id: own[1], started_at_ms: Number(own[2]) } };
  }

  async function file(request) {
    const kept = await caches.match(request, { cacheName: 'perception-files' });
    return kept ?? fetch(request);
  }

  /** The server's answer; rejects where there is no network, or nothing behind it. */
  async function online(request) {
    const late = new Promise((resolve, reject) => { setTimeout(() => reject(new Error('late')), patience); });
    const response = await Promise.race([fetch(request), late]);
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    return response;
  }

  async function show(request, place, url) {
    if (place.own) return shownHere(place, url);
    try {
      return await online(request);
    } catch (error) {
      const kit = await store.fact('kit').catch(() => null);
      const response = kit && await shownHere(place, url, kit);
      if (response) return response;
      // Nothing was taken along: the browser says what it says without network.
      return fetch(request);
    }
  }

  /** Any other page: the browser's own words about the network would lead nowhere. */
  async function away(request, url) {
    try {
      return await fetch(request);
    } catch (error) {
      const kit = await store.fact('kit').catch(() => null);
      if (!kit) throw error;
      return pageOf(kit, kit.pages[await languageOf(url, kit)].away);
    }
  }

  const pageOf = (kit, text) => new Response(text, {
    headers: { ...kit.headers, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
  });

  const redirect = (address) => Response.redirect(new URL(address, self.location.origin), 303);

  async function shownHere(place, url, known) {
    const kit = known ?? await store.fact('kit');
    const language = await languageOf(url, kit);
    const pages = kit.pages[language];
    const page = (text) => pageOf(kit, text);
    if (place.name === 'home') return redirect('/today');
    if (place.name === 'today') return page(await todays(pages));
    if (place.name === 'queue') return page(pages.queue);
    const evaluation = kit.evaluations.find(({ id }) => id === place.evaluation);
    const outlet = evaluation?.outlets.find(({ id }) => id === place.outlet);
    if (!outlet) return redirect('/today/queue');
    if (place.name === 'begin') {
      return redirect(`${place.path}/~${await store.takeReceipt()}.${Date.now()}`);
    }
    const next = `/evaluations/${place.evaluation}/outlets/${place.outlet}/interview`;
    if (place.name === 'receipt') {
      if (!place.own) return redirect('/today/queue');
      const { item, done } = await store.find(place.own.id);
      const code = done?.receipt ?? item?.receipt ?? '—';
      return page(filled(pages.kept, { 'HOLE-OUTLET': outlet.name[language], 'HOLE-CODE': code, 'HOLE-NEXT': next }));
    }
    const own = evaluation.pages[language];
    const prefilled = { 'HOLE-OUTLET': outlet.name[language], 'HOLE-ACTION': place.path, ...await latest(kit, place, outlet, language) };
    if (place.name === 'approach') return page(filled(own.approach, { ...prefilled, [noId]: crypto.randomUUID() }));
    if (!place.own) return redirect('/today/queue');
    const { item, done } = await store.find(place.own.id);
    if (done || (item && item.state === 'waiting')) return redirect(`${place.path}/receipt`);
    return page(filled(own.interview, { ...prefilled, 'HOLE-CLIENT': place.own.id }));
  }

  async function languageOf(url, kit) {
    const asked = url.searchParams.get('lang');
    if (asked && kit.pages[asked]) {
      await store.note('language', asked);
      return asked;
    }
    const chosen = await store.fact('language');
    return kit.pages[chosen] ? chosen : kit.language;
  }

  /** Day and hour in China, by the server's clock as far as this device knows it. */
  async function moment() {
    const offset_ms = (await store.fact('clock'))?.offset_ms ?? 0;
    const there = new Date(Date.now() + offset_ms + 8 * 3_600_000);
    return { day: there.toISOString().slice(0, 10), hour: there.getUTCHours() };
  }

  /** The list of this day; after the last day that was taken along, the last one. */
  async function todays({ today }) {
    const { day } = await moment();
    return today[day] ?? today[Object.keys(today).sort().pop()];
  }

  /** The next running number at an outlet and how customers are selected: as assigned, else as the latest was. */
  async function latest(kit, { evaluation, outlet }, known, language) {
    const here = (one) => one.owner === kit.person && one.evaluation === evaluation && one.outlet === outlet;
    const all = [...await store.list(), ...await store.done()].filter(here);
    const number = Math.max(known.next_no, ...all.map((one) => one.number + 1));
    const [last] = all.filter(({ rule }) => rule).sort((a, b) => b.at_ms - a.at_ms);
    const { day, hour } = await moment();
    const assigned = known.assigned.find((one) => one.day === day && one.hours.includes(hour));
    return { 'HOLE-NUMBER': String(number), 'HOLE-RULE': assigned?.rule[language] ?? last?.rule ?? known.rule };
  }

  function filled(page, values) {
    const safe = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
    const holes = new RegExp(Object.keys(values).join('|'), 'g');
    return page.replace(holes, (hole) => safe(values[hole]));
  }

  /** A form that is sent: to the server, or kept here. */
  async function take(event, place) {
    const { request } = event;
    const copy = request.clone();
    if (!place.own) {
      try {
        return await online(request);
      } catch {
        // Kept below. Should it have arrived all the same, its id says so.
      }
    }
    const kit = await store.fact('kit').catch(() => null);
    const form = [...new URLSearchParams(await copy.text())].filter(([name]) => name !== 'csrf');
    const item = await itemOf(place, form, kit);
    let known;
    try {
      known = await store.keep(item);
    } catch {
      const language = kit ? await languageOf(new URL(request.url), kit).catch(() => kit.language) : null;
      const text = language ? kit.pages[language].full : 'Not saved. Go back: everything is still in the form.';
      return new Response(text, { status: 507, headers: { ...kit?.headers, 'content-type': 'text/html; charset=utf-8' } });
    }
    field.news.postMessage('changed');
    event.waitUntil(field.run().catch(() => {}));
    self.registration.sync?.register('perception-upload').catch(() => {});
    const ended = place.name === 'approach' || field.value(form, 'evaluator_declaration') !== 'yes';
    if (ended || !known) return redirect('/today/queue');
    const base = `/evaluations/${place.evaluation}/outlets/${place.outlet}/interview`;
    return redirect(`${base}/~${item.id}.${item.started_at_ms}/receipt`);
  }

  async function itemOf(place, form, kit) {
    const now = Date.now();
    const offset = (await store.fact('clock').catch(() => null))?.offset_ms ?? null;
    const common = { evaluation: place.evaluation, outlet: place.outlet, clock_offset_ms: offset, ended_at_ms: now, form };
    const evaluator = field.value(form, 'evaluator') || kit?.person;
    if (place.name === 'approach') {
      const id = field.value(form, 'id').replace(/-/g, '');
      return field.item({ ...common, id, kind: 'approach', evaluator, started_at_ms: now });
    }
    if (place.own) {
      const { codes } = await store.fact('receipts') ?? { codes: {} };
      const own = await field.item({ ...common, kind: 'interview', evaluator, ...place.own });
      return { ...own, receipt: codes[own.id] ?? null };
    }
    // Begun with network: the server signed who, where and since when, by its own clock.
    const { id, evaluator: whose, started_at_ms } = field.ticket(place.sealed);
    return field.item({
      ...common, id, kind: 'interview', evaluator: whose, started_at_ms: Math.min(started_at_ms - (offset ?? 0), now),
    });
  }
})();
