// What evaluators' pages show of this device: the badge, the queue page, a form that must be corrected. Without it, or
// without network before the first visit, the pages work as they always did.
(() => {
  'use strict';
  const field = globalThis.perceptionField;
  const badge = document.querySelector('[data-field]');
  if (!badge || !navigator.serviceWorker || !globalThis.indexedDB || !globalThis.crypto?.subtle) return;
  const { store } = field;
  const list = document.querySelector('[data-queue]');
  const every = 60_000;

  const say = (text, first, second) => text.replace('##', second).replace('#', first);

  function age(since_ms) {
    const minutes = Math.max(0, Math.round((Date.now() - since_ms) / 60_000));
    if (minutes < 60) return say(badge.dataset.minutes, minutes);
    if (minutes < 2 * 1440) return say(badge.dataset.hours, Math.round(minutes / 60));
    return say(badge.dataset.days, Math.round(minutes / 1440));
  }

  async function drawBadge() {
    const [items, kit] = [await store.list(), await store.fact('kit')];
    const { count, oldest_ms, trouble, foreign } = field.summary(items, kit?.person);
    const words = badge.dataset;
    const parts = [count ? say(words.count, count, age(oldest_ms)) : words.empty];
    if (trouble) parts.push(say(words.trouble, trouble));
    if (foreign) parts.push(say(words.foreign, foreign));
    const text = parts.join(' · ');
    const link = badge.querySelector('a');
    if (link.textContent !== text) link.textContent = text;
    badge.classList.toggle('some', count + foreign > 0);
    badge.dataset.unsent = String(count);
    badge.hidden = false;
  }

  const part = (name) => list.querySelector(`[data-${name}]`);
  const moment = (ms) => new Date(ms).toLocaleString(document.documentElement.lang, { dateStyle: 'short', timeStyle: 'short' });

  function line(one, kit) {
    const words = list.dataset;
    const outlet = kit?.evaluations.flatMap(({ outlets }) => outlets).find(({ id }) => id === one.outlet);
    const name = outlet?.name[document.documentElement.lang] ?? '';
    const entry = document.createElement('li');
    entry.dataset.id = one.id;
    entry.dataset.state = one.state;
    const add = (tag, text, kind) => {
      const element = document.createElement(tag);
      if (kind) element.className = kind;
      element.textContent = text;
      entry.append(element);
      return element;
    };
    add('b', `${words[one.kind]}${one.number ? ` ${one.number}` : ''}${name && ` · ${name}`}`);
    add('span', say(words.taken, moment(one.at_ms)), 'small');
    add('span', kit && one.owner !== kit.person ? words.foreign : words[one.state]);
    if (one.receipt) add('code', one.receipt, 'receipt');
    if (one.state === 'invalid' && one.kind === 'interview') {
      const form = `/evaluations/${one.evaluation}/outlets/${one.outlet}/interview/~${one.id}.${one.started_at_ms}`;
      add('a', words.correct, 'button').href = form;
    }
    return entry;
  }

  async function drawQueue() {
    const kit = await store.fact('kit');
    const fill = (name, all) => {
      const sorted = all.sort((a, b) => b.at_ms - a.at_ms);
      part(name).replaceChildren(...sorted.map((one) => line(one, kit)));
      part(`no-${name}`).hidden = all.length > 0;
    };
    fill('items', await store.list());
    fill('done', (await store.done()).filter(({ owner }) => !kit || owner === kit.person));
    const ready = part('kit');
    ready.textContent = kit && navigator.serviceWorker.controller
      ? say(ready.dataset.ready, '', moment(kit.fetched_at_ms)).trim() : ready.dataset.unready;
    const persistent = await navigator.storage?.persisted?.();
    part('storage').textContent = persistent ? part('storage').dataset.kept : part('storage').dataset.evictable;
    const offset = (await store.fact('clock'))?.offset_ms ?? 0;
    part('clock').hidden = Math.abs(offset) <= 5 * 60_000;
    part('clock').textContent = say(part('clock').dataset.off, Math.round(Math.abs(offset) / 60_000));
    list.hidden = false;
  }

  const draw = () => Promise.all([drawBadge(), ...(list ? [drawQueue()] : [])]);

  async function upload() {
    const told = await field.run().catch(() => ({ sent: 0, end: 'unreachable' }));
    await draw();
    return told;
  }

  function tell(text) {
    part('said').textContent = text;
    part('said').hidden = false;
  }

  function work() {
    part('send').addEventListener('click', async () => {
      const { sent, end } = await upload();
      const words = list.dataset;
      tell({ all: say(words.sent, sent), unreachable: words.unreachable, 'signed-out': words.signedOut }[end]);
      part('sign-in').hidden = end !== 'signed-out';
    });
    part('save').addEventListener('click', async () => {
      const link = document.createElement('a');
      const text = field.toFile(await store.list(), Date.now());
      link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
      link.download = `${list.dataset.name}-${new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-')}.json`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    });
    part('load').addEventListener('change', async ({ target }) => {
      const [file] = target.files;
      if (!file) return;
      try {
        const items = await field.fromFile(await file.text());
        const added = await store.load(items);
        tell(say(list.dataset.loaded, added, items.length - added));
        await draw();
      } catch {
        tell(list.dataset.unloadable);
      }
      target.value = '';
    });
  }

  /** A form that the server refused comes back with everything that was typed and what must be corrected. */
  async function correct() {
    const form = document.querySelector('form.interview');
    const own = /\/~([0-9a-f]{32})\./.exec(location.pathname);
    if (!form || !own) return;
    const { item } = await store.find(own[1]);
    if (!item || history.state?.interview) return;
    const typed = JSON.parse(item.body).form;
    for (const control of form.elements) {
      if (!control.name || control.type === 'submit' || control.name === 'csrf') continue;
      const values = typed.filter(([name]) => name === control.name).map(([, text]) => text);
      if (control.type === 'radio' || control.type === 'checkbox') control.checked = values.includes(control.value);
      else control.value = values[0] ?? '';
    }
    const alert = document.createElement('div');
    alert.className = 'alert';
    alert.setAttribute('role', 'alert');
    for (const name of item.fields ?? []) {
      const control = document.getElementById(name) ?? form.querySelector(`[name="${CSS.escape(name)}"]`);
      const label = control?.querySelector?.('legend') ?? control?.labels?.[0];
      if (!label) continue;
      const link = document.createElement('a');
      link.href = `#${name}`;
      link.textContent = label.textContent;
      alert.append(link);
    }
    form.prepend(alert);
    form.dispatchEvent(new Event('input'));
    alert.querySelector('a')?.click();
  }

  /** An approach without network is checked here as far as a glance can tell; the server checks it again. */
  function guardApproach() {
    const form = document.querySelector('form[action$="/approach"]');
    form?.addEventListener('submit', (event) => {
      const chosen = form.querySelector('[name=outcome]:checked')?.value;
      const bare = !chosen || (chosen === '210' && !form.querySelector('[name=refusal_reason]:checked'));
      if (!bare) return;
      event.preventDefault();
      const wanted = form.querySelector(chosen ? '#refusal_reason' : '#outcome');
      wanted.classList.add('wrong');
      wanted.querySelector('input').focus();
      wanted.scrollIntoView({ block: 'center' });
    });
  }

  async function begin() {
    await navigator.serviceWorker.register('/sw.js');
    await navigator.serviceWorker.ready;
    await store.note('language', document.documentElement.lang);
    const { end } = await upload();
    const kit = await store.fact('kit');
    const here = document.querySelector('form [name=evaluator]')?.value;
    const stale = !kit || location.pathname.startsWith('/today') || (here && here !== kit.person);
    if (end !== 'unreachable' && stale) await field.fetchKit();
    await navigator.storage?.persist?.();
    await draw();
  }

  field.news.addEventListener('message', draw);
  if (list) work();
  guardApproach();
  draw().then(correct).then(begin).catch(() => {});
  globalThis.addEventListener('online', upload);
  setInterval(() => { if (!document.hidden) upload(); }, every);
})();
