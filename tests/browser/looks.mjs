// Every page that somebody can reach from where they are signed in, looked at one by one.
import { readFileSync, readdirSync } from 'node:fs';
import { another, noSidewaysScroll, shot, targetsAtLeast44, violations } from './support.mjs';

const anyId = /[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|(?<=\/interview\/)[^/]+(?=$|\/)|(?<=\/outlets\/[^/]+\/paper\/)[^/]+(?=$|\/)|(?<=\/(?:scoring|findings)\/)[^/]+|(?<=\/facts\/)[^/]+|(?<=\/quality\/proposals\/)[^/]+|(?<=\/facts\/[^/]+\/)[^/]+/g;
/** An address without its ids: pages of one pattern are one page. */
export const patternOf = (address) => new URL(address).pathname.replace(anyId, '{}');
const isPage = (address, base) => address.startsWith(base) && !/\/static\/|\/s\/|\.(csv|json|svg|txt|pdf|xlsx|R|sps)$/.test(new URL(address).pathname);

/** The patterns of the table of routes that GET shows to people of the office. */
export function routes() {
  const folder = new URL('../../src/web/routes/', import.meta.url);
  const table = readdirSync(folder).flatMap((file) => readFileSync(new URL(file, folder), 'utf8').split(/\n {8}at\(/).slice(1));
  return table.filter((line) => /\.show\(/.test(line) && !/\.show\(\s*Anybody/.test(line)).map((line) => {
    const path = /^"([^"]+)"/.exec(line)?.[1] ?? '/evaluations/{evaluation}/preview/landing'; // the one constant, `FRAMED`
    return path.replace(/\{(?!token)\w+\}/g, '{}');
  });
}

/** Listens to everything a page complains about and asks for. A fetch that ended because its page was left, or became a download, is none. */
export function listen(tab) {
  tab.complaints = [];
  tab.on('pageerror', (error) => tab.complaints.push(error.message));
  tab.on('console', (message) => { if (message.type() === 'error') tab.complaints.push(message.text()); });
  tab.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    if (reason !== 'net::ERR_ABORTED') tab.complaints.push(`${request.url()}: ${reason}`);
  });
  return tab;
}

/**
 * Everything wrong with the page as it stands: its layout at three widths, by axe at the narrowest and the widest, its
 * colours in the dark; or `quick`, on a phone only. Needs scripts.
 */
export async function wrongWith(tab, name, { quick = false } = {}) {
  const before = tab.viewportSize();
  const wrong = [];
  const note = (where, found) => wrong.push(...found.map((what) => `${name}, ${where}: ${what}`));
  for (const width of quick ? [320] : [320, 768, 1280]) {
    await tab.setViewportSize({ width, height: 800 });
    note(`${width} px`, await noSidewaysScroll(tab));
    if (width === 320) note('320 px', await targetsAtLeast44(tab));
    if (width !== 768) note(`${width} px`, await violations(tab));
    await shot(tab, `${name}-${width}`);
  }
  if (!quick) {
    await tab.emulateMedia({ colorScheme: 'dark' });
    note('dark', await violations(tab, ['color-contrast']));
    await shot(tab, `${name}-dark`);
    await tab.emulateMedia({ colorScheme: 'light' });
  }
  await tab.setViewportSize(before);
  return wrong;
}

/** What a page is made of, without its words: elements, classes and kinds of its main part, runs of the same (rows of a table) once. */
const shapeOf = (tab) => tab.locator('main').evaluate((main) => {
  const shape = (element) => {
    const own = [element.localName, element.className, element.getAttribute('type'), element.getAttribute('name')].join(' ');
    const inside = [...element.children].map(shape).filter((each, n, all) => each !== all[n - 1]);
    return `${own}(${inside.join()})`;
  };
  return shape(main);
});

/**
 * Follows every link from `first` and the home page on, and looks at each page, in Chinese at every width and in English on a phone;
 * at one that has another shape for another role or state, once more on a phone, in English its layout.
 * `seen` holds the patterns that were looked at before, by what they looked like; resolves to what is wrong.
 */
export async function lookAround(context, first, role, seen, { base, state = 'open', seeds = [] }) {
  const browser = context.browser();
  const storageState = await context.storageState();
  const [zh, en] = await Promise.all(['zh-CN', 'en'].map(async (language) => {
    const own = await browser.newContext({ storageState, viewport: { width: 320, height: 800 } });
    await own.addCookies([{ name: 'lang', value: language, url: base }]);
    return listen(await another(own));
  }));
  const wrong = [];
  const waiting = [first, ...['/', ...seeds].map((path) => base + path)];
  const queued = new Set(waiting.map(patternOf));
  for (let address; (address = waiting.shift());) {
    const response = await zh.goto(address);
    const pattern = patternOf(zh.url());
    queued.add(pattern);
    const name = `${role}-${state}${pattern.replaceAll(/[^\w]+/g, '-')}`;
    if (response.status() !== 200) wrong.push(`${name}: ${response.status()}`);
    const links = await zh.locator('a[href], iframe[src]').evaluateAll((found) => found.map((each) => (each.href ?? each.src).split(/[?#]/)[0]));
    for (const link of links.filter((each) => isPage(each, base) && !queued.has(patternOf(each)))) {
      queued.add(patternOf(link));
      waiting.push(link);
    }
    const key = `${pattern} ${await shapeOf(zh)}`;
    if (seen.has(key)) continue;
    const quick = [...seen.values()].includes(pattern);
    seen.set(key, pattern);
    wrong.push(...await wrongWith(zh, name, { quick }));
    await en.goto(zh.url());
    const found = [...await noSidewaysScroll(en), ...await targetsAtLeast44(en), ...(quick ? [] : await violations(en))];
    if (await en.locator('html').getAttribute('lang') !== 'en') found.push('not in English');
    wrong.push(...found.map((what) => `${name}, English: ${what}`));
    await shot(en, `${name}-en`);
  }
  const { host } = new URL(base);
  for (const tab of [zh, en]) {
    wrong.push(...tab.complaints, ...tab.requests.filter((each) => new URL(each).host !== host));
    await tab.context().close();
  }
  return wrong;
}
