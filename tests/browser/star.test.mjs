// The star where it is decided: the signed worksheet on screen and paper, the certificate, an extra evaluation, the settings.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { press, signIn } from './desk.mjs';
import { follow, launch, looksRight, noSidewaysScroll, page, shot, startDemo } from './support.mjs';

const demo = await startDemo();
const browser = await launch();
after(async () => {
  await browser.close();
  await demo.stop();
});

/** The manager of the example, at their first page in this language. */
async function manager(language) {
  const tab = await page(browser, { width: 1280 });
  await signIn(tab, demo.base_url, demo.users.manager);
  await tab.goto(`${demo.base_url}/?lang=${language === 'en' ? 'en' : 'zh-CN'}`);
  return tab;
}

/** The evaluation of the year before, that ended in a certificate. */
const signed = (tab) => tab.locator('li.place').filter({ hasText: '2025' }).locator('h3 a').getAttribute('href');

for (const language of ['zh', 'en']) {
  test(`signed worksheet, comparison, certificate, register and settings are in order, ${language}`, async () => {
    const tab = await manager(language);
    const before = await signed(tab);
    const open = async (path, name) => {
      assert.equal((await tab.goto(demo.base_url + path)).status(), 200, path);
      await looksRight(tab, `star-${name}-${language}`);
    };
    await open(`${before}/decision`, 'signed-worksheet');
    assert.equal(await tab.locator('main form').count(), 0, 'what is signed has no form any more');
    await tab.emulateMedia({ media: 'print' });
    assert.ok(await tab.locator('main table').first().isVisible());
    assert.deepEqual(await noSidewaysScroll(tab), []);
    await shot(tab, `star-signed-worksheet-${language}-print`);
    await tab.emulateMedia({ media: 'screen' });

    await open(`/evaluations/${demo.closed_evaluation_id}/decision`, 'comparison');
    const years = await tab.locator('section:has(#years) tbody tr').evaluateAll((rows) => rows.map((row) => row.innerText));
    assert.equal(years.length, 9, 'X, S, S_face, six dimensions');
    assert.ok(years.every((row) => /[\d.]+%\s+[\d.]+%\s+[-+]?[\d.]+/.test(row)), years.join('\n'));
    await open(`${before}/certificate`, 'certificate');
    await open('/certificates', 'register');
    const number = await tab.locator('main a[href^="/certificates/"]').first().getAttribute('href');
    await open(number, 'public');
    await open('/policy', 'policy');
    await tab.locator('[name=certificate_term_months]').fill('1');
    assert.equal((await press(tab)).status(), 422);
    assert.equal(await tab.locator('[name=certificate_term_months]').inputValue(), '1');
    await looksRight(tab, `star-policy-refused-${language}`);
    await tab.context().close();
  });
}

test('a reported accident opens an extra evaluation that is in order', async () => {
  const tab = await manager('zh');
  await tab.goto(`${demo.base_url}${await signed(tab)}/certificate`);
  const form = tab.locator('form[action$="/certificate/reports"]');
  await form.locator('[name=kind][value=accident]').check();
  await form.locator('[name=reported_on]').fill(new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10));
  await form.locator('[name=source]').fill('媒体报道');
  await form.locator('[name=account]').fill('安装时坠物');
  assert.equal((await follow(tab, () => form.locator('.send button').click())).status(), 200);
  await looksRight(tab, 'star-reported');
  const extra = await tab.locator('#reports ~ .actions a, section:has(#reports) .actions a').first().getAttribute('href');
  for (const [path, name] of [['', 'overview'], ['/decision', 'decision'], ['/certificate', 'certificate']]) {
    assert.equal((await tab.goto(demo.base_url + extra + path)).status(), 200);
    await looksRight(tab, `star-extra-${name}`);
  }
  await tab.context().close();
});
