// An evaluator with one thumb: an interview step by step with the script, and whole on one page without.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { signIn } from './desk.mjs';
import {
  fillOnePage, goOnTo, introduce, itemInSight, on, protocol, sent, step, toServices, touch,
} from './interviewer.mjs';
import { itemsFor, pick, questionnaire, ui } from './journey.mjs';
import { axe, follow, launch, looksRight, noSidewaysScroll, page, startDemo, targetsAtLeast44 } from './support.mjs';

const demo = await startDemo();
const browser = await launch();
after(async () => {
  await browser.close();
  await demo.stop();
});

const services = ['outlet', 'paid'];
const { evaluator } = demo.users;

async function begin(options) {
  const tab = await page(browser, { width: 360, ...options });
  tab.mistakes = [];
  tab.on('pageerror', (error) => tab.mistakes.push(error.message));
  tab.on('console', (message) => { if (message.type() === 'error' && !/status of 422/.test(message.text())) tab.mistakes.push(message.text()); });
  await signIn(tab, demo.base_url, evaluator);
  await tab.goto(`${demo.base_url}/today${options?.language === 'en' ? '?lang=en' : ''}`);
  await follow(tab, () => tab.locator('main a.button.main').first().click());
  return tab;
}

for (const language of ['zh', 'en']) {
  test(`one item a screen, ${language}`, async () => {
    const tab = await begin({ javaScript: true, language });
    await toServices(tab, services);
    await touch(tab, 'G00', '4');
    const asked = [];
    for (let item; (item = await itemInSight(tab));) {
      asked.push(item);
      if (asked.length === 1) {
        await tab.locator('.showcard summary').click();
        assert.equal(await tab.locator('.sheet li').count(), 6, 'the show card is one touch away');
        await tab.locator('.showcard summary').click();
        assert.deepEqual([...await noSidewaysScroll(tab), ...await targetsAtLeast44(tab)], []);
      }
      if (asked.length === 1) {
        assert.ok(!await step(tab).locator('.why').isVisible(), 'no reason is asked before a low rating');
        await pick(tab, item, '2');
        await pick(tab, 'low_reasons', `${item}.unclear`);
        assert.deepEqual([...await noSidewaysScroll(tab), ...await targetsAtLeast44(tab)], []);
        await on(tab).click();
      } else if (asked.length === 2) await on(tab).click(); // skipped
      else await touch(tab, item, String(asked.length % 6));
    }
    assert.deepEqual(asked, itemsFor(services), 'exactly the items that apply, in their order');

    await tab.locator('[data-go=back]').click();
    assert.equal(await step(tab).locator('input:checked').count(), 1, 'what was answered is there on the way back');
    await on(tab).click();
    await tab.locator('[name=comment]').fill('<b>等</b>');
    await tab.reload();
    assert.equal(await tab.locator('[name=comment]').inputValue(), '<b>等</b>', 'a reload keeps everything');
    assert.ok(await tab.locator('[name=comment]').isVisible(), 'and the place');
    assert.equal(await tab.evaluate(() => sessionStorage.length + localStorage.length), 0);
    await goOnTo(tab, 'place');
    await on(tab).click();
    assert.ok(await tab.locator('.missing').isVisible());
    await protocol(tab);
    await on(tab).click();
    await tab.locator('[name=selection_rule]').fill('3');
    await tab.locator('[data-go=send]').click();
    assert.ok(await tab.locator('.missing').isVisible(), 'nothing is sent without the declaration');
    await pick(tab, 'evaluator_declaration');
    assert.deepEqual(await axe(tab), []);
    const form = tab.url();
    await sent(tab, tab.locator('[data-go=send]'));
    assert.deepEqual(tab.mistakes, []);
    await tab.goto(form);
    assert.match(tab.url(), /\/receipt$/, 'back at the form there is its receipt');
    await tab.context().close();
  });
}

test('who may not take part is thanked and counted', async () => {
  const tab = await begin({ javaScript: true });
  await introduce(tab);
  await touch(tab, 'age18', 'no');
  await tab.locator('[data-end]').waitFor({ state: 'visible' });
  await follow(tab, () => tab.locator('[data-go=send]').click());
  assert.match(tab.url(), /recorded=222$/);
  assert.ok((await tab.locator('.banner[role=status]').textContent()).includes(questionnaire.dispositions.find(({ code }) => code === '222').zh));
  await tab.context().close();
});

test('without script the same form stands on one page', async () => {
  const tab = await begin({ width: 320 });
  await looksRight(tab, 'interview');
  await fillOnePage(tab, { services: ['consult'], items: ['F01'], value: '5' });
  await pick(tab, 'F02', '1');
  const refused = await follow(tab, () => tab.locator('.send button').click());
  assert.equal(refused.status(), 422);
  await looksRight(tab, 'interview-refused');
  assert.ok(await ui.control(tab, 'F01', '5').isChecked());
  await pick(tab, 'evaluator_declaration');
  await sent(tab, tab.locator('.send button'));
  await looksRight(tab, 'interview-receipt');
  await tab.context().close();
});

test('the way to it', async () => {
  const tab = await begin({ width: 320 });
  const approach = tab.url().replace(/interview\/.*/, 'approach');
  for (const [name, address] of [
    ['today', `${demo.base_url}/today`], ['approach', approach], ['interviews', approach.replace(/outlets.*/, 'interviews')],
  ]) {
    await tab.goto(address);
    await looksRight(tab, name);
  }
  await tab.context().close();
});
