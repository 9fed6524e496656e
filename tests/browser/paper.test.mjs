// What is printed can be scanned: plates (slips: office.test.mjs), at the size they are printed and smaller, by zbarimg.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dotsPerInch, draw, print, scan } from './paper.mjs';
import { launch, page, shot, startDemo } from './support.mjs';

const demo = await startDemo();
const browser = await launch();
const folder = mkdtempSync(join(tmpdir(), 'perception-paper-'));
after(async () => {
  rmSync(folder, { recursive: true });
  await browser.close();
  await demo.stop();
});

const plates = `${demo.base_url}/evaluations/${demo.evaluation_id}/qr`;
test('every plate prints on one A4 page, and its code leads to the survey', async () => {
  const tab = await page(browser, { width: 1280 });
  await tab.goto(plates);
  const links = await tab.locator('.plate a').evaluateAll((found) => found.map(({ href }) => href));
  assert.ok(links.length >= 6);
  const sheets = draw(await print(tab, folder, 'plate'));
  assert.equal(sheets.length, links.length, 'one page per plate and none besides');
  for (const [n, sheet] of sheets.entries()) assert.deepEqual(scan(sheet), [links[n]]);
  const statuses = await Promise.all(links.map(async (link) => (await tab.context().request.get(link)).status()));
  // The demo has one code that works only next month; its plate may be printed already.
  assert.deepEqual(statuses.sort(), [...links.slice(1).map(() => 200), 403]);
  await tab.context().close();
});

test('a plate shrunk until its code is 25 mm wide decodes at 300 dpi, at 20 mm and at 200 dpi as well', async () => {
  const tab = await page(browser, { width: 1280 });
  await tab.goto(plates);
  const [link, picture] = await tab.locator('.plate').first().evaluate((plate) => [plate.querySelector('a').href, plate.querySelector('img').src]);
  const svg = Buffer.from(picture.split(',')[1], 'base64').toString();
  const codeSide = 100; // millimetres on the A4 plate, white margin included
  for (const [millimetres, dpi] of [[25, dotsPerInch], [20, dotsPerInch], [25, 200]]) {
    const width = Math.round(210 / codeSide * millimetres / 25.4 * dpi);
    const small = await browser.newPage({ viewport: { width, height: Math.round(width * 297 / 210) } });
    await small.setContent(`<style>body{margin:0}svg{display:block;width:100%;height:auto}</style>${svg}`);
    const file = join(folder, `plate-${millimetres}-${dpi}.png`);
    await small.screenshot({ path: file });
    await small.close();
    assert.deepEqual(scan(file), [link], `${millimetres} mm at ${dpi} dpi`);
  }
  await tab.context().close();
});

test('the plates\' page shows every plate at every width, in the dark as well', async () => {
  for (const [width, colorScheme] of [[320, 'light'], [768, 'dark'], [1280, 'light']]) {
    const tab = await page(browser, { width, colorScheme, deviceScaleFactor: 2 });
    await tab.goto(plates);
    const picture = join(folder, `screen-${width}.png`);
    await tab.locator('.plate img').first().screenshot({ path: picture });
    assert.equal(scan(picture).length, 1);
    await shot(tab, `plates-${width}-${colorScheme}`);
    await tab.context().close();
  }
});
