// An empty installation, from its first link to results: every role at its desk, customers and an evaluator in between,
// all through Chromium. The server runs under strace, which notes every connection it would make.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enrol, press, setUp, signIn } from './desk.mjs';
import { fillOnePage, interviewByScript, sent } from './interviewer.mjs';
import { begin, fillRest, itemsFor, pick, rateAll, submitForReceipt } from './journey.mjs';
import { listen, lookAround, patternOf, routes, wrongWith } from './looks.mjs';
import { draw, print, scan } from './paper.mjs';
import { drawSample } from './sample.mjs';
import { another, follow, launch, noSidewaysScroll, page, startServe } from './support.mjs';

const calls = 'socket,connect,bind,listen,sendto,sendmsg,sendmmsg,io_uring_setup';
const traced = (folder) => ['strace', '-D', '-f', '-qq', '--seccomp-bpf', '-e', `trace=${calls}`, '-e', 'signal=none', '-o', join(folder, 'calls')];
const server = await startServe({ through: traced, environment: { PERCEPTION_WORKERS: '2', RUST_LOG: 'warn' } });
const base = server.base_url;
const browser = await launch();
after(async () => {
  await browser.close();
  await server.stop();
});

const seen = new Map();
const wrong = [];
const people = {};
let evaluation; // its address
const firm = '安居家具股份有限公司';
const services = ['outlet', 'paid'];

/** A page of a computer at a desk. */
const desk = (options) => page(browser, { width: 1280, height: 900, javaScript: true, ...options });
/** Somebody at a desk, or wherever the options say; they sign in once and stay so, as a code counts once in 30 s. */
async function at(role, options) {
  const { session } = people[role];
  const tab = listen(await desk({ storageState: session, ...options }));
  if (!session) {
    await signIn(tab, base, people[role]);
    people[role].session = await tab.context().storageState();
  }
  return tab;
}
const statusOf = async (tab, path) => (await tab.context().request.get(base + path, { maxRedirects: 0 })).status();

/** Fields filled in and touches, the way a person counts them. */
class Hand {
  actions = 0;

  constructor(tab) { this.tab = tab; }

  async write(name, text) {
    this.actions += 1;
    await this.tab.locator(`main [name="${name}"]`).fill(text);
  }

  async pick(name, value) {
    this.actions += 1;
    await pick(this.tab, name, value);
  }

  async press(button) {
    this.actions += 1;
    assert.equal((await follow(this.tab, () => button.click())).status(), 200);
  }
}

const button = (tab) => tab.locator('main form .send button').first();

async function fillNewEvaluation(hand) {
  await hand.write('firm', firm);
  await hand.pick('gate', 'none');
  await hand.write('scope', '定制家具的配送、安装和维修');
  await hand.write('outlets', '天河服务中心,322\n越秀服务中心 | Yuexiu centre\t268');
  await hand.press(button(hand.tab));
}

test('the printed link makes the first administrator, who adds everybody by one-time links', async () => {
  const [link] = /http:\S+\/set-up\/\S+/.exec(server.printed());
  const tab = listen(await desk());
  const administrator = { login: 'zhou.ming', password: 'correct horse battery 9 staple' };
  await tab.goto(link);
  wrong.push(...await wrongWith(tab, 'first-administrator'));
  await setUp(tab, link, administrator.password, { name: '周明', registration_no: 'A-1', login: administrator.login });
  wrong.push(...await wrongWith(tab, 'enrol'));
  people.administrator = { ...administrator, secret: await enrol(tab) };
  wrong.push(...await wrongWith(tab, 'recovery-codes'));

  const others = {
    manager: '李婷', reviewer: '陈静', signatory: '赵刚', auditor: '孙丽', evaluator: '王强', organisation: '安居代表', outsider: '钱进',
  };
  for (const [index, [key, name]] of Object.entries(others).entries()) {
    const role = key === 'outsider' ? 'manager' : key;
    await tab.goto(`${base}/people/new`);
    for (const [field, text] of [['name', name], ['registration_no', `N-${index}`], ['login', `${key}.one`]]) await tab.locator(`main [name="${field}"]`).fill(text);
    await pick(tab, 'roles', role);
    assert.equal((await press(tab)).status(), 200);
    const once = await tab.locator('#link').textContent();
    if (index === 0) wrong.push(...await wrongWith(tab, 'one-time-link'));
    const own = listen(await desk());
    const person = { login: `${key}.one`, password: `${key} sets this password 12` };
    if (index === 0) {
      await own.goto(once);
      wrong.push(...await wrongWith(own, 'set-up'));
    }
    await setUp(own, once, person.password);
    people[key] = ['reviewer', 'signatory'].includes(key) ? { ...person, secret: await enrol(own) } : person;
    wrong.push(...own.complaints);
    assert.equal((await own.goto(once)).status(), 410, 'a link works once');
    if (index === 0) wrong.push(...await wrongWith(own, 'link-gone'));
    await own.context().close();
  }
  await tab.goto(`${base}/people/new`);
  assert.equal((await press(tab)).status(), 422);
  wrong.push(...await wrongWith(tab, 'new-person-refused'));
  // The form that outlives its session is kept.
  await tab.goto(`${base}/people/new`);
  await tab.locator('main [name=name]').fill('吴敏');
  await tab.context().clearCookies();
  assert.equal((await press(tab)).status(), 401);
  assert.ok((await tab.content()).includes('吴敏'));
  wrong.push(...await wrongWith(tab, 'interrupted'));
  await tab.context().close();
});

/** Everybody who takes part, chosen once the plan is made. */
async function fillTeam(tab) {
  for (const role of ['reviewer', 'signatory', 'auditor', 'evaluator', 'organisation']) {
    await tab.goto(`${base}${evaluation}/members`);
    const person = await tab.locator('select[name=person] option').evaluateAll((options, number) => options.find(({ text }) => text.includes(number))?.value, `· N-${['manager', 'reviewer', 'signatory', 'auditor', 'evaluator', 'organisation'].indexOf(role)} ·`);
    await tab.locator('select[name=person]').selectOption(person);
    await pick(tab, 'role', role);
    assert.equal((await follow(tab, () => tab.locator('main form.form .send button').click())).status(), 200);
  }
  assert.equal(await tab.locator('table tbody tr').count(), 6);
}

/** The reviewer's part: what the manager froze is approved. */
async function approvePlan() {
  const tab = await at('reviewer');
  await tab.goto(`${base}${evaluation}/plan`);
  wrong.push(...await wrongWith(tab, 'plan-to-approve'));
  await pick(tab, 'verdict', 'approve');
  assert.equal((await press(tab)).status(), 200);
  await tab.context().close();
}

test('from signing in to an open survey in at most twelve actions', async () => {
  const tab = await desk({ javaScript: false });
  await tab.goto(base);
  const hand = new Hand(tab);
  await hand.write('login', people.manager.login);
  await hand.write('password', people.manager.password);
  await hand.press(button(tab));
  await hand.press(tab.locator('a[href="/evaluations/new"]'));
  await fillNewEvaluation(hand);
  evaluation = new URL(tab.url()).pathname;
  await hand.press(button(tab)); // freeze
  await fillTeam(tab);
  await approvePlan();
  await tab.goto(base + evaluation);
  await hand.press(button(tab)); // start fieldwork
  assert.equal(await tab.locator('.life [aria-current]').textContent(), '实施中', 'fieldwork runs');
  console.log(`# ${hand.actions} actions from signing in to an open survey`);
  assert.ok(hand.actions <= 12, `${hand.actions} actions`);
  await tab.context().close();
});

/** A customer on a phone without script, from a link to the receipt. */
async function answer(link, value) {
  const tab = await page(browser);
  await begin(tab, link, { services });
  await rateAll(tab, value);
  await fillRest(tab, { services });
  await submitForReceipt(tab);
  await tab.context().close();
}

test('customers answer by the plate of an outlet, by a personal link, by a code typed from a slip', async () => {
  const tab = await at('manager');
  await tab.goto(`${base}${evaluation}/codes/plates`);
  assert.equal(await tab.locator('.plate').count(), 2);
  const plate = join(server.folder, 'plate.png');
  await tab.locator('.plate img').first().screenshot({ path: plate });
  const [scanned] = scan(plate);
  assert.ok(scanned.startsWith(`${base}/s/`));
  await answer(scanned, 5);

  const made = async (kind, count) => {
    await tab.goto(`${base}${evaluation}/codes/${kind}`);
    await tab.locator('main [name=links]').fill(String(count));
    assert.equal((await press(tab)).status(), 200);
    assert.match(tab.url(), /\/batches\//);
  };
  await made('links', 2);
  const [download] = await Promise.all([tab.waitForEvent('download'), tab.locator('form[action$="links.csv"] button').click()]);
  const links = readFileSync(await download.path(), 'utf8').match(/http:\S+?\/s\/[\w-]+/g);
  assert.equal(links.length, 2);
  await answer(links[0], 4);

  await made('sheets', 25);
  assert.equal((await follow(tab, () => tab.locator('form[action$="/slips"] button').click())).status(), 200);
  const [typed] = await tab.locator('.typed').allTextContents();
  await slipsCanBeCut(tab);
  wrong.push(...await wrongWith(tab, 'slips'));
  const phone = listen(await page(browser, { width: 360, javaScript: true }));
  await phone.goto(`${base}/c`);
  wrong.push(...await wrongWith(phone, 'code-entry'));
  await phone.locator('[name=code]').fill(typed.toLowerCase().replaceAll('-', ' '));
  assert.equal((await follow(phone, () => phone.locator('main form button').first().click())).status(), 200);
  assert.match(phone.url(), /\/s\//, 'the code leads to the survey');
  await answer(phone.url(), 3);
  wrong.push(...tab.complaints, ...phone.complaints);
  for (const each of [tab, phone]) await each.context().close();
});

/** Slips printed on A4 and cut along the dashes bear one code each, and the one that is written on them. */
async function slipsCanBeCut(tab) {
  const [width, height, left, top] = [66, 35, 6, 8]; // millimetres
  const written = await tab.locator('.typed').allTextContents();
  const printed = await print(tab, server.folder, 'slips');
  assert.equal(printed.sheets, 2, '24 slips a sheet');
  const codes = written.map((_, n) => {
    const [sheet, place] = [1 + Math.floor(n / 24), n % 24];
    const slip = draw(printed, { sheet, x: left + (place % 3) * width, y: top + Math.floor(place / 3) * height, width, height });
    const found = scan(slip);
    assert.equal(found.length, 1, `slip ${n + 1} bears one code`);
    return found[0];
  });
  assert.equal(new Set(codes).size, written.length, 'every slip its own');
  assert.deepEqual(codes, written.map((code) => `${base}/s/${code.replaceAll('-', '')}`), 'the one that is written on it');
}

test('an evaluator with a phone records an approach and takes two interviews, one without script', async () => {
  const phone = { width: 390, height: 844 };
  const tab = await at('evaluator', phone);
  await tab.goto(`${base}/today`);
  const ways = (end) => tab.locator(`main a[href$="/${end}"]`).first();
  await follow(tab, () => ways('approach').click());
  await pick(tab, 'outcome', '240');
  assert.equal((await press(tab)).status(), 200);
  assert.equal(await tab.locator('.banner[role=status]').count(), 1);
  await follow(tab, () => ways('interview').click());
  await interviewByScript(tab, { services, value: '4' });
  assert.deepEqual(await noSidewaysScroll(tab), []);
  assert.deepEqual(tab.complaints, []);
  wrong.push(...await wrongWith(tab, 'interview-receipt'));
  await tab.context().close();

  const plain = await at('evaluator', { ...phone, javaScript: false });
  await plain.goto(`${base}/today`);
  await follow(plain, () => plain.locator('main a[href$="/interview"]').first().click());
  await fillOnePage(plain, { services, items: itemsFor(services), value: '3' });
  await pick(plain, 'evaluator_declaration');
  await sent(plain, plain.locator('.send button'));
  await plain.context().close();
});

/** A fact that waits for somebody's check, a finding and a drawn back-check: so that their pages can be looked at. */
async function enterSomethingToCheck() {
  const manager = await at('manager');
  await manager.goto(`${base}${evaluation}/facts/operating/new`);
  for (const [name, text] of Object.entries({ since: '2019-05-01', source: '营业执照', evidence: '复印件' })) {
    await manager.locator(`main [name="${name}"]`).fill(text);
  }
  assert.equal((await press(manager)).status(), 200);
  for (const step of ['seed', 'draw']) {
    await manager.goto(`${base}${evaluation}/back-checks`);
    assert.equal((await follow(manager, () => manager.locator(`form[action$="/back-checks/${step}"] button`).click())).status(), 200);
  }
  await manager.context().close();
  const evaluator = await at('evaluator');
  await evaluator.goto(`${base}${evaluation}/audit`);
  const finding = evaluator.locator('form[action$="/audit/findings"]');
  await finding.locator('select[name=clause]').selectOption('4.2.6');
  await finding.locator('[name=severity][value=minor]').check();
  await finding.locator('[name=evidence]').fill('缺签字');
  await finding.locator('[name=raised_on]').fill(new Date(Date.now() - 86_400_000).toISOString().slice(0, 10));
  assert.equal((await follow(evaluator, () => finding.locator('.send button').click())).status(), 200);
  await evaluator.context().close();
}

test('a list of customers is handed over, recorded and drawn from', async () => {
  const tab = await at('manager');
  await drawSample(tab, base + evaluation, ['天河服务中心', '越秀服务中心'], async (name) => {
    const pattern = patternOf(tab.url());
    seen.set(`sample ${name}`, pattern);
    wrong.push(...await wrongWith(tab, `sample-${name}`));
  });
  wrong.push(...tab.complaints.filter((each) => !/422/.test(each)));
  await tab.context().close();
  assert.deepEqual(wrong.splice(0), []);
});

test('during fieldwork every page of every role is in order; nobody sees a score', async () => {
  const draft = await at('manager');
  await draft.goto(`${base}/evaluations/new`);
  assert.equal((await press(draft)).status(), 422);
  wrong.push(...await wrongWith(draft, 'new-evaluation-refused'));
  await draft.goto(`${base}/evaluations/new`);
  await fillNewEvaluation(new Hand(draft));
  wrong.push(...await lookAround(draft.context(), draft.url(), 'manager', seen, { state: 'draft', base }));
  for (const path of ['/results.csv', '/results.json']) assert.equal(await statusOf(draft, evaluation + path), 404, path);
  await draft.context().close();
  await enterSomethingToCheck();
  const around = async (role) => {
    const tab = await at(role);
    const first = ['administrator', 'organisation'].includes(role) ? '/' : evaluation; // draft and open have the same addresses
    wrong.push(...await lookAround(tab.context(), base + first, role, seen, { base, seeds: ['/today', '/confirm', ...(role === 'manager' ? ['/certificates', `${evaluation}/certificate/contact`] : []), ...(role === 'evaluator' ? [`${evaluation}/facts/operating/operating/check`] : [])] }));
    await tab.context().close();
  };
  await Promise.all([['manager'], ['administrator', 'reviewer', 'organisation'], ['auditor', 'evaluator', 'signatory']].map(async (roles) => {
    for (const role of roles) await around(role);
  }));
  assert.deepEqual(wrong.splice(0), []);
});

test('after fieldwork results are there for those who read them, and for nobody else', async () => {
  const manager = await at('manager');
  await manager.goto(base + evaluation);
  assert.equal((await press(manager)).status(), 200); // close
  assert.deepEqual(await manager.locator('table.progress tfoot .figure').allInnerTexts(), ['2 / 60', '3 / 90'], 'interviews and electronic answers');
  const shown = { manager, auditor: await at('auditor'), reviewer: await at('reviewer'), signatory: await at('signatory') };
  for (const [role, tab] of Object.entries(shown)) {
    assert.equal((await tab.goto(`${base}${evaluation}/results`)).status(), 200, role);
    // Five answers, two of them in person: fewer than five of a kind are published to nobody.
    assert.match(await tab.locator('.lead').textContent(), /全部 5，当面 不公布，邀请 不公布，开放扫码 不公布/, role);
    for (const ending of ['csv', 'json']) {
      const file = await tab.context().request.get(await tab.locator(`a[href$="results.${ending}"]`).evaluate(({ href }) => href));
      assert.equal(file.status(), 200);
      const text = await file.text();
      if (ending === 'json') assert.equal(JSON.parse(text).schema, 'perception-result-1');
      else assert.ok(text.split('\n').length > 10);
    }
    wrong.push(...await wrongWith(tab, `results-${role}`, { quick: role !== 'manager' }));
    if (role === 'manager') wrong.push(...await lookAround(tab.context(), base + evaluation, role, seen, { state: 'closed', base }));
    wrong.push(...tab.complaints);
  }
  const refused = { evaluator: 403, organisation: 404, outsider: 404, administrator: 404 };
  for (const [role, status] of Object.entries(refused)) {
    const tab = await at(role);
    for (const end of ['', '.csv', '.json']) assert.equal(await statusOf(tab, `${evaluation}/results${end}`), status, `${role} ${end}`);
    await tab.goto(`${base}${evaluation}/results`);
    wrong.push(...await wrongWith(tab, `refused-${role}`));
    await tab.context().close();
  }
  const nobody = listen(await desk());
  for (const end of ['', '.csv', '.json']) assert.equal(await statusOf(nobody, `${evaluation}/results${end}`), 303, end);
  await nobody.goto(`${base}${evaluation}/results`);
  assert.equal(new URL(nobody.url()).pathname, '/sign-in');
  wrong.push(...await wrongWith(nobody, 'sign-in'));
  await nobody.goto(`${base}/sign-in`);
  await nobody.locator('[name=login]').fill(people.reviewer.login);
  await nobody.locator('[name=password]').fill(people.reviewer.password);
  await press(nobody);
  assert.equal(new URL(nobody.url()).pathname, '/sign-in/code');
  wrong.push(...await wrongWith(nobody, 'second-factor'));
  assert.deepEqual(wrong.splice(0), []);
});

test('no page of the office was forgotten', () => {
  const files = /\.(csv|json|svg|txt|pdf|xlsx|R|sps|js|webmanifest)$|^\/(api|sync)(\/|$)/;
  // Looked at on the way, or leading on to a page that was.
  const elsewhere = [
    '/evaluations/{}/quality/responses/{}', '/evaluations/{}/quality/proposals/{}', // quality.test.mjs
    '/evaluations/{}/outlets/{}/interview', '/evaluations/{}/outlets/{}/paper', '/set-up/{token}', '/sign-in', '/sign-in/code', '/evaluations/{}/outlets/{}/interview/{}/receipt', '/evaluations/{}/codes/batches/{}/slips', '/evaluations/{}/uploads/{}/{}', '/evaluations/{}/phones',
  ];
  const looked = new Set([...seen.values(), ...elsewhere]);
  assert.deepEqual(routes().filter((route) => !looked.has(route) && !files.test(route)), []);
});

/** The calls by which a program would reach somebody: every socket it makes, connects or sends from to an address. */
const reachingOut = (log) => log.split('\n').filter((line) => /\b(socket|bind|io_uring_setup|connect)\(/.test(line) || /\bsend\w+\(.*sa_family/.test(line));

test('the server opens no connection: all it ever makes is the socket it listens on', async () => {
  const { port } = new URL(base);
  const log = readFileSync(join(server.folder, 'calls'), 'utf8');
  const [made, bound, ...more] = reachingOut(log);
  assert.match(made, /socket\(AF_INET, /);
  assert.match(bound, /bind\(\d+, \{sa_family=AF_INET, sin_port=htons\(\d+\), sin_addr=inet_addr\("127\.0\.0\.1"\)\}/);
  assert.deepEqual(more, []);
  assert.match(log, /HTTP\/1\.1 200 OK/, 'the log goes on to the pages that were sent');
  // The measure notices whoever does.
  const elsewhere = join(server.folder, 'elsewhere');
  writeFileSync(elsewhere, '');
  execFileSync('strace', [...traced(elsewhere).slice(1, -1).filter((each) => each !== '-D'), `${elsewhere}-calls`, process.execPath, '-e', `require('net').connect(${port}, '127.0.0.1').on('connect', function () { this.end(); })`]);
  assert.match(reachingOut(readFileSync(`${elsewhere}-calls`, 'utf8')).join('\n'), /connect\(\d+, \{sa_family=AF_INET/);
});
