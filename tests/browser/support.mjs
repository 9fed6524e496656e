// What every browser test needs: a server, Chromium, and measures of a page that a person would notice.
// Scripts are off unless a test asks for them: the customer's way must work without.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const repository = fileURLToPath(new URL('../../', import.meta.url));
const binary = process.env.PERCEPTION_BIN ?? join(repository, 'target/debug/perception');
const languages = { zh: 'zh-CN', en: 'en-US' };

/**
 * Starts the program in a folder of its own; resolves to its ready file's content, what it has printed so far and
 * `stop()`. `through` is a command line before it.
 */
async function start(args, { timeout = 180_000, through = () => [], environment = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'perception-'));
  const ready = join(folder, 'ready.json');
  const [command, ...rest] = [...through(folder), binary, ...args, '--listen', '127.0.0.1:0', '--ready-file', ready];
  const server = spawn(command, rest, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  let [output, printed] = ['', ''];
  server.stdout.on('data', (text) => { printed += text; });
  for (const stream of [server.stdout, server.stderr]) {
    stream.on('data', (text) => { output = (output + text).slice(-10_000); });
  }
  const ended = new Promise((resolve) => {
    server.once('error', (error) => { output += error; resolve(); });
    server.once('exit', (code, signal) => { output += `exit ${code ?? signal}`; resolve(); });
  });
  let running = true;
  ended.then(() => { running = false; });
  const kill = () => {
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', kill);

  for (const until = Date.now() + timeout; !existsSync(ready);) {
    if (!running || Date.now() > until) {
      kill();
      throw new Error(`perception ${args[0]} ${running ? 'did not become ready' : 'ended'}:\n${output}`);
    }
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return {
    ...JSON.parse(readFileSync(ready, 'utf8')),
    folder,
    printed: () => printed,
    async stop() {
      server.kill('SIGTERM');
      const late = setTimeout(kill, 10_000);
      await ended;
      clearTimeout(late);
      process.off('exit', kill);
      kill();
    },
  };
}

/** The worked example. */
export const startDemo = (options) => start(['demo'], options);

/** An empty installation. */
export const startServe = (options) => start(['serve', '--database', 'sqlite:survey.sqlite'], options);

/** What `perception` prints for these arguments, beside a running server. */
export function perception(...args) {
  return execFileSync(binary, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
    ],
  });
}

/** A page in a browser profile of its own. `page.requests` lists the addresses of everything the profile asked for. */
export async function page(browser, {
  width = 320, height = 640, javaScript = false, colorScheme = 'light', language = 'zh', ...more
} = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, javaScriptEnabled: javaScript, colorScheme, locale: languages[language], ...more,
  });
  context.setDefaultTimeout(10_000);
  return another(context);
}

/** A further tab of the same profile. */
export async function another(context) {
  const tab = await context.newPage();
  tab.requests = [];
  tab.on('request', (request) => { if (!request.url().startsWith('data:')) tab.requests.push(request.url()); });
  return tab;
}

/** Does something that leads to another page; resolves to that page's response. */
export async function follow(tab, action) {
  const [response] = await Promise.all([tab.waitForNavigation({ waitUntil: 'load' }), action()]);
  return response;
}

/** axe needs scripts and timers, so it looks at a copy: same address, the HTML as it is now, scripts on, CSP off. */
async function axeCopy(tab) {
  const html = await tab.content();
  const colorScheme = await tab.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  const context = await tab.context().browser().newContext({ viewport: tab.viewportSize(), colorScheme, bypassCSP: true });
  const copy = await context.newPage();
  await copy.route(tab.url().split('#')[0], (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
  await copy.goto(tab.url());
  return copy;
}

/** What axe finds, by all its rules of WCAG 2.2 A and AA or by `rules` alone. */
export async function violations(tab, rules) {
  if (await tab.evaluate(() => !globalThis.axe)) await tab.evaluate(axeSource);
  const found = await tab.evaluate((only) => globalThis.axe.run({
    runOnly: only ? { type: 'rule', values: only } : ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    resultTypes: ['violations'],
    preload: false, // none of the rules reads sheets
    ...(only ? {} : { rules: { 'target-size': { enabled: true } } }), // off by default
  }), rules);
  return found.violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, any }) => (
    `${id}: ${target.join(' ')} (${any[0]?.message ?? help})`)));
}

/** WCAG 2.2 A and AA violations of the page as it stands, one readable string each. */
export async function axe(tab) {
  const copy = await axeCopy(tab);
  const found = await violations(copy);
  await copy.context().close();
  return found;
}

/** What makes the page scroll sideways; elements inside a scrolling box of their own (wide tables) may. */
export function noSidewaysScroll(tab) {
  return tab.evaluate(() => {
    const root = document.documentElement;
    const clipped = (element) => {
      for (let box = element.parentElement; box && box !== document.body; box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== 'visible') return true;
      }
      return false;
    };
    const wide = [...document.body.querySelectorAll('*')].filter((element) => {
      const { right, width, height } = element.getBoundingClientRect();
      return width > 1 && height > 1 && right > root.clientWidth + 1 && !clipped(element);
    }).map((element) => `${element.tagName.toLowerCase()}${element.className && `.${element.className}`} reaches ${Math.round(element.getBoundingClientRect().right)} px`);
    return wide.length || root.scrollWidth <= root.clientWidth ? wide : [`page is ${root.scrollWidth} px wide`];
  });
}

/** Controls whose touchable area is under 44 px in either direction. Links in running text are exempt. */
export function targetsAtLeast44(tab) {
  return tab.evaluate(() => {
    const shown = (box) => box.width > 1 && box.height > 1;
    const small = [];
    for (const element of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
      const style = getComputedStyle(element);
      if (style.visibility === 'hidden' || (element.tagName === 'A' && style.display === 'inline')) continue;
      // A box or radio is touched through its label as well.
      const touchable = /^(radio|checkbox)$/.test(element.type) ? [element, ...element.labels] : [element];
      const boxes = touchable.map((part) => part.getBoundingClientRect()).filter(shown);
      if (boxes.length === 0) continue;
      const width = Math.max(...boxes.map((box) => box.width));
      const height = Math.max(...boxes.map((box) => box.height));
      if (width < 43.5 || height < 43.5) {
        const name = element.name || element.id || element.textContent.trim().slice(0, 20);
        small.push(`${element.tagName.toLowerCase()} ${name}${element.value ? `=${element.value}` : ''}: ${Math.round(width)} × ${Math.round(height)}`);
      }
    }
    return small;
  });
}

/** A picture of the whole page, when PERCEPTION_SHOTS names a folder. */
export async function shot(tab, name) {
  const folder = process.env.PERCEPTION_SHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await tab.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/**
 * Looks at the page at every width; by axe at the narrowest and the widest, where a page is laid out differently, and at
 * its colours in the dark. Reports everything wrong at once.
 */
export async function looksRight(tab, name, { targets = true } = {}) {
  const before = tab.viewportSize();
  const copy = await axeCopy(tab);
  await tab.bringToFront();
  const wrong = [];
  const note = (where, found) => wrong.push(...found.map((what) => `${name}, ${where}: ${what}`));
  for (const width of [320, 768, 1280]) {
    for (const each of [tab, copy]) await each.setViewportSize({ width, height: 800 });
    note(`${width} px`, await noSidewaysScroll(tab));
    if (targets) note(`${width} px`, await targetsAtLeast44(tab));
    if (width !== 768) note(`${width} px`, await violations(copy));
    await shot(tab, `${name}-${width}-light`);
  }
  for (const each of [tab, copy]) await each.emulateMedia({ colorScheme: 'dark' });
  note('dark', await violations(copy, ['color-contrast']));
  await shot(tab, `${name}-dark`);
  await copy.context().close();
  await tab.emulateMedia({ colorScheme: 'light' });
  await tab.setViewportSize(before);
  assert.deepEqual(wrong, []);
}

/** The profile asked nobody but us for anything, keeps no cookie, and the page has no script. */
export async function keptToOurselves(tab, base) {
  const { host } = new URL(base);
  assert.deepEqual(tab.requests.filter((address) => new URL(address).host !== host), [], 'requests to other hosts');
  assert.deepEqual(await tab.context().cookies(), [], 'cookies');
  const scripts = await tab.evaluate(() => [...document.querySelectorAll('*')].flatMap((element) => (
    element.tagName === 'SCRIPT' ? ['<script>'] : [...element.attributes].map(({ name }) => name).filter((name) => name.startsWith('on')))));
  assert.deepEqual(scripts, [], 'scripts');
}

/** Bytes of one answer as they cross the wire, headers included. */
export function wireSize(address) {
  return new Promise((resolve, reject) => {
    const headers = { 'Accept-Encoding': 'gzip', Accept: 'text/html', 'Accept-Language': 'zh-CN', Connection: 'close' };
    http.get(address, { agent: false, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, bytes: response.socket.bytesRead }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

// Chromium 53 (WeChat's built-in browser on old phones) drops a whole rule for a selector it does not know and a whole
// declaration for a value it does not know. What it ignores harmlessly (prefers-color-scheme, accent-color) is not listed.
const tooNew = [
  ['grid layout', /display\s*:\s*(inline-)?grid|grid-(template|area|row|column)/],
  ['gap', /[^-\w](row-|column-|grid-)?gap\s*:/],
  ['@import, @font-face', /@import|@font-face/],
  ['selector', /:(is|where|has|focus-visible|focus-within|any-link|modal|user-valid|user-invalid|dir)\b/],
  ['list in :not()', /:not\([^)]*,/],
  ['min(), max(), clamp()', /[^-\w](min|max|clamp)\(/],
  ['inset', /[^-\w]inset(-\w+)*\s*:/],
  ['aspect-ratio', /[{;\s]aspect-ratio\s*:/],
  ['logical property', /[^-\w](margin|padding|border|inset)-(inline|block)\b|[^-\w](inline|block)-size\s*:/],
  ['display: contents, flow-root', /display\s*:\s*(contents|flow-root)/],
  ['place-…', /[^-\w]place-(items|content|self)\s*:/],
  ['colour syntax', /#([0-9a-f]{8}|[0-9a-f]{4})\b|(rgb|hsl)a?\([^),]*\s[^),]*\)|color-mix\(|light-dark\(|oklch\(|lab\(|lch\(/i],
  ['viewport unit', /\d[dsl]v[hwib]\b/],
  ['at-rule', /@(layer|container|property|scope)\b/],
  ['media range', /@media[^{]*[<>]/],
  ['nesting', /[{;]\s*&/],
];

const notAllowed = 'dialog, search, [popover], [style], iframe, link[rel~=stylesheet], '
  + 'link[rel~=icon]:not([href^="data:"]), img:not([src^="data:"])';

/** What a browser as old as Chromium 53 would not understand in a survey page, and what would cost a second request. */
export async function lintForOldEngines(tab) {
  const { sheets, elements, icon } = await tab.evaluate((selector) => ({
    sheets: [...document.querySelectorAll('style')].map(({ textContent }) => textContent),
    elements: [...document.querySelectorAll(selector)].map(({ outerHTML }) => outerHTML.slice(0, 80)),
    icon: document.querySelector('link[rel~=icon][href^="data:"]') !== null,
  }), notAllowed);
  const css = sheets.join('\n')
    .replace(/\/\*[^]*?\*\//g, '')
    .replace(/@supports[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, ''); // what stands there has a fallback outside
  const rules = tooNew.flatMap(([what, pattern]) => {
    const match = pattern.exec(css);
    return match ? [`${what}: …${css.slice(Math.max(0, match.index - 20), match.index + 40)}…`] : [];
  });
  return [...rules, ...elements, ...(icon ? [] : ['no inlined icon: browsers would ask for /favicon.ico'])];
}
