// The quality stage of the worked example: a burst that the rules found, a proposal, and the reviewer's decision.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { press, signIn } from './desk.mjs';
import { launch, looksRight, page, startDemo } from './support.mjs';

let demo;
let browser;
before(async () => { [demo, browser] = await Promise.all([startDemo(), launch()]); });
after(async () => { await browser?.close(); await demo?.stop(); });

for (const language of ['zh', 'en']) {
  test(`monitoring, flags, evidence and a proposal look right in ${language}`, async () => {
    const tab = await page(browser, { width: 1280, height: 800, language });
    await signIn(tab, demo.base_url, demo.users.reviewer);
    await tab.goto(`${demo.base_url}/?lang=${language === 'zh' ? 'zh-CN' : 'en'}`);
    const at = `${demo.base_url}/evaluations/${demo.evaluation_id}`;
    for (const end of ['monitoring', 'quality', 'quality?rule=BURST']) {
      await tab.goto(`${at}/${end}`);
      await looksRight(tab, `${end.replace('?', '-')}-${language}`);
    }
    await tab.locator('a.more').first().click();
    await tab.waitForLoadState();
    await looksRight(tab, `evidence-${language}`);
    await tab.goto(`${at}/quality/proposals/1`);
    await looksRight(tab, `proposal-${language}`);
    await tab.goto(`${demo.base_url}/evaluations/${demo.closed_evaluation_id}/quality`);
    await looksRight(tab, `quality-closed-${language}`);
    await tab.locator('a.more').first().click();
    await tab.waitForLoadState();
    await looksRight(tab, `evidence-closed-${language}`);
    await tab.context().close();
  });
}

test('a reviewer excludes a burst that the manager proposed', async () => {
  const tab = await page(browser, { width: 320, height: 640, language: 'en' });
  await signIn(tab, demo.base_url, demo.users.reviewer);
  await tab.goto(`${demo.base_url}/?lang=en`);
  await tab.goto(`${demo.base_url}/evaluations/${demo.evaluation_id}/quality/proposals/1`);
  assert.equal(await tab.locator('[name=response]:checked').count(), 12);
  await press(tab);
  assert.equal(await tab.locator('[name=response]').count(), 0, await tab.locator('main').innerText());
  assert.match(await tab.locator('main').innerText(), /approved for 12, refused for 0/);
  await tab.context().close();
});
