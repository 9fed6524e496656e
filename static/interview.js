// Shows an interview one step at a time. Everything is in the document already and the server checks it all again: without
// this file the same form stands on one page. What was chosen survives a reload in the tab's own history entry.
(() => {
  'use strict';
  const form = document.querySelector('form.interview');
  if (!form) return;
  const steps = [...form.querySelectorAll('.step')];
  const [pace, paces] = [form.querySelector('.pace'), form.querySelector('.paces')];
  const button = (name) => paces.querySelector(`[data-go=${name}]`);
  const [back, on, send] = ['back', 'on', 'send'].map(button);
  const [goOn, submit] = [on.textContent, send.textContent];
  const end = form.querySelector('[data-end]');
  let here = steps[0];
  let soon = 0;

  // The server keeps the session's token and the language itself.
  const unkept = ['csrf', 'lang'];
  const fields = () => [...form.elements].filter(({ name, type }) => name && type !== 'submit' && !unkept.includes(name));
  const isBox = ({ type }) => type === 'radio' || type === 'checkbox';
  const used = () => fields().filter(({ name, checked }) => name === 'services' && checked).map(({ value }) => value);

  // What the page measures: how long each step was in sight, how often an answer was changed.
  const note = form.querySelector('[name=paradata]');
  let [measured, since] = [{ v: 1, shown: [], edits: [] }, performance.now()];

  function add(list, name, by) {
    const entry = list.find(([known]) => known === name);
    if (entry) entry[1] += by;
    else if (list.length < 100) list.push([name, by]);
  }

  function measure() {
    const name = [...here.querySelectorAll('[name]')].find(({ type }) => type !== 'hidden')?.name;
    const now = performance.now();
    if (name) add(measured.shown, name, Math.round(now - since));
    since = now;
    note.value = JSON.stringify(measured);
  }

  const answers = new Map();
  form.addEventListener('change', ({ target: { name, type, value, checked } }) => {
    if (!name || type === 'hidden') return;
    const answer = type === 'checkbox' ? `${value} ${checked}` : value;
    if (answers.has(name) && type !== 'checkbox') add(measured.edits, name, 1);
    answers.set(name, answer);
  });

  function keep() {
    measure();
    const values = fields().map((field) => (isBox(field) ? field.checked : field.value));
    history.replaceState({ interview: values, step: steps.indexOf(here) }, '');
  }

  function restore() {
    const kept = history.state && history.state.interview;
    const all = fields();
    // A refused form comes with what was typed; it knows better.
    if (!kept || kept.length !== all.length || form.querySelector('.alert')) return;
    all.forEach((field, place) => {
      if (isBox(field)) field.checked = kept[place];
      else field.value = kept[place];
    });
    here = steps[history.state.step] || here;
  }

  /** The steps that apply now, in order; a disqualifying answer leads to the end at once. */
  function route() {
    const services = used();
    const applies = ({ dataset }) => !dataset.services || dataset.services.split(' ').some((id) => services.includes(id));
    const asked = steps.filter((step) => step !== end && applies(step));
    const stop = asked.findIndex((step) => step.dataset.ends && step.querySelector(`input[value=${step.dataset.ends}]:checked`));
    return stop < 0 ? asked : [...asked.slice(0, stop + 1), end];
  }

  function answered(step) {
    const inside = [...step.querySelectorAll('input, select, textarea')];
    return inside.some((field) => (isBox(field) ? field.checked : field.value));
  }

  /** The first question of a step that still needs an answer. */
  function missing(step) {
    if (step.dataset.needed === undefined) return null;
    const open = [...step.querySelectorAll('fieldset')].filter((group) => !group.closest('.decline'))
      .find((group) => !group.querySelector('input:checked'));
    const bare = [...step.querySelectorAll('[aria-required]')].find((field) => (isBox(field) ? !field.checked : !field.value.trim()));
    return open || bare || null;
  }

  function complain(question) {
    let message = here.querySelector('.missing');
    if (!message) {
      message = document.createElement('p');
      message.className = 'error missing';
      message.setAttribute('role', 'alert');
    }
    message.textContent = form.dataset.missing;
    const place = question.closest('.field, fieldset');
    if (place.matches('fieldset')) place.querySelector('legend').after(message);
    else place.prepend(message);
    (question.matches('fieldset') ? question.querySelector('input') : question).focus();
  }

  function draw() {
    const way = route();
    if (!way.includes(here)) here = way[way.length - 1];
    const place = way.indexOf(here);
    const last = place === way.length - 1;
    steps.forEach((step) => { step.hidden = step !== here; });
    pace.textContent = form.dataset.progress.replace('##', way.length).replace('#', place + 1);
    back.disabled = place === 0;
    on.hidden = last;
    send.hidden = !last;
    send.textContent = here === end ? send.dataset.record : submit;
    on.textContent = here.dataset.needed !== undefined || answered(here) ? goOn : on.dataset.skip;
  }

  function go(by) {
    clearTimeout(soon);
    const question = by > 0 && missing(here);
    if (question) { complain(question); return; }
    const way = route();
    const next = way[way.indexOf(here) + by];
    if (!next) return;
    measure();
    here = next;
    draw();
    keep();
    const heading = here.querySelector('.read, legend, label');
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    form.scrollIntoView({ block: 'start' });
  }

  /** Opens the step that holds a control: links of the error summary lead there. */
  function open(target) {
    const step = target && target.closest('.step');
    if (!step) return;
    here = step;
    draw();
    target.scrollIntoView({ block: 'center' });
  }

  restore();
  try {
    const earlier = JSON.parse(note.value);
    if (earlier.v === 1) measured = earlier;
  } catch {
    // Nothing was measured before.
  }
  form.classList.add('stepped');
  pace.hidden = false;
  paces.hidden = false;
  draw();
  open(form.querySelector('[aria-invalid], fieldset.wrong'));

  back.addEventListener('click', () => go(-1));
  on.addEventListener('click', () => go(1));
  form.addEventListener('input', () => {
    form.querySelectorAll('.missing').forEach((message) => message.remove());
    draw();
    keep();
  });
  form.addEventListener('click', (event) => {
    // A touch on an answer, not an arrow key: those walk through the answers.
    if (event.detail === 0 || !event.target.closest('.choice') || here.dataset.brisk === undefined) return;
    clearTimeout(soon);
    // A low rating stays: it has opened its reasons.
    soon = setTimeout(() => { if (here.querySelector('input:checked') && !here.querySelector('.low input:checked')) go(1); }, 250);
  });
  form.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link) open(document.getElementById(link.hash.slice(1)));
  });
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.target.matches('input')) return;
    event.preventDefault();
    go(1);
  });
  form.addEventListener('submit', (event) => {
    const question = event.submitter === send && missing(here);
    if (question) {
      event.preventDefault();
      complain(question);
    } else if (sealing) {
      event.preventDefault();
      sealing.then(() => form.requestSubmit(event.submitter));
    } else {
      measure();
    }
  });

  // The telephone number: sealed to the server's key as it is typed; nothing else of it is ever kept or sent.
  let sealing = null;
  const phone = form.querySelector('[data-phone-key]');
  if (phone && globalThis.crypto?.subtle) {
    const [typed, sealed] = [phone.querySelector('#phone'), phone.querySelector('[name=phone_sealed]')];
    const consent = phone.querySelector('[name=phone_consent]');
    const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
    const text = (parts) => btoa(String.fromCharCode(...parts)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
    const seal = async (number) => {
      const curve = { name: 'ECDH', namedCurve: 'P-256' };
      const theirs = bytes(phone.dataset.phoneKey);
      const own = await crypto.subtle.generateKey(curve, false, ['deriveBits']);
      const point = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
      const server = await crypto.subtle.importKey('raw', theirs, curve, false, []);
      const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: server }, own.privateKey, 256);
      const info = new TextEncoder().encode('perception-phone-v1');
      const salt = Uint8Array.from([...point, ...theirs]);
      const base = await crypto.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
      const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const additionalData = new TextEncoder().encode(form.dataset.client);
      const closed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, new TextEncoder().encode(number));
      return text([...point, ...nonce, ...new Uint8Array(closed)]);
    };
    const update = () => {
      const number = consent.checked ? typed.value.trim() : '';
      const work = (number ? seal(number) : Promise.resolve('')).catch(() => '').then((closed) => {
        if (sealing !== work) return;
        sealed.value = closed;
        sealing = null;
      });
      sealing = work;
    };
    typed.addEventListener('input', update);
    consent.addEventListener('change', update);
    phone.hidden = false;
  }

  // The coarse place: asked of the device once, when the customer agrees, and rounded before anything keeps it.
  const place = form.querySelector('[data-location]');
  if (place && navigator.geolocation) {
    const [consent, found] = [place.querySelector('[name=location_consent]'), place.querySelector('[name=location]')];
    const told = place.querySelector('[role=status]');
    const round = (degrees) => (Math.round(degrees * 100) / 100).toFixed(2);
    consent.addEventListener('change', () => {
      [found.value, told.textContent] = ['', ''];
      if (!consent.checked) return;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        found.value = consent.checked ? `${round(coords.latitude)},${round(coords.longitude)}` : '';
        told.textContent = told.dataset.found;
      }, () => { told.textContent = told.dataset.failed; }, { timeout: 10_000, maximumAge: 600_000 });
    });
    place.hidden = false;
  }
})();
