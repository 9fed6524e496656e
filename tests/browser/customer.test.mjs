// The customer's way from the link to the receipt, with scripts off, on a 320 px phone.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  allServices, begin, fillLanding, fillRest, itemsFor, pick, pickByKeys, rateAll, reasons, receiptOf, shownItems, someServices,
  submit, submitForReceipt, tabTo, ui, why,
} from './journey.mjs';
import { another, follow, keptToOurselves, launch, page, startDemo } from './support.mjs';

const demo = await startDemo();
const browser = await launch();
after(async () => {
  await browser.close();
  await demo.stop();
});

/** A test in a fresh profile, which must not have talked to strangers, kept a cookie or run a script. */
function journey(name, steps, options) {
  test(name, async () => {
    const tab = await page(browser, options);
    await steps(tab);
    for (const each of tab.context().pages()) await keptToOurselves(each, demo.base_url);
    await tab.context().close();
  });
}

const takeInvitation = () => demo.invitation_urls.shift() ?? assert.fail('the demo has no unused personal link left');

for (const [language, services, htmlLang] of [['zh', someServices, 'zh-CN'], ['en', allServices, 'en']]) {
  journey(`the whole way, ${language}, ${services.length} services`, async (tab) => {
    await fillLanding(tab, demo.survey_url, { language, services });
    assert.equal(tab.requests.length, 1, 'the survey page is one request');
    assert.equal(await tab.locator('html').getAttribute('lang'), htmlLang);

    await follow(tab, () => ui.agree(tab).click());
    assert.equal(await tab.locator('html').getAttribute('lang'), htmlLang, 'the language is kept');
    assert.deepEqual((await shownItems(tab)).sort(), itemsFor(services).sort(), 'exactly the items that apply');
    assert.deepEqual(await ungrouped(tab), [], 'every radio button has a label and a group with a legend');
    for (const item of itemsFor(services)) {
      const values = await ui.control(tab, item).evaluateAll((inputs) => inputs.map(({ value }) => value));
      assert.deepEqual(values, ['5', '4', '3', '2', '1', '0'], item);
    }

    const given = await rateAll(tab);
    for (const [item, list] of reasons.filter(([asked]) => given[asked])) {
      const isLow = ['1', '2'].includes(given[item]);
      assert.equal(await why(tab, item).isVisible(), isLow, `${item} rated ${given[item]} opens its reasons or does not`);
      const offered = await why(tab, item).locator('input').evaluateAll((boxes) => boxes.map(({ value }) => value));
      assert.deepEqual(offered, list, item);
    }
    const [[low, [first]]] = reasons.filter(([item]) => given[item] === '2');
    await pick(tab, 'low_reasons', first);
    await pick(tab, low, '5');
    assert.ok(!await why(tab, low).isVisible(), 'a better rating closes them');
    await pick(tab, low, '1');
    assert.ok(await ui.control(tab, 'low_reasons', first).isChecked(), 'and forgets nothing');
    await fillRest(tab, { services });
    await submitForReceipt(tab);
    assert.equal(await tab.locator('html').getAttribute('lang'), htmlLang);
  }, { language });
}

/** Names of radio buttons without a text of their own or outside a fieldset with a legend. */
function ungrouped(tab) {
  return tab.locator('input[type=radio]').evaluateAll((inputs) => inputs
    .filter((input) => !input.labels[0]?.textContent.trim() || !input.closest('fieldset')?.querySelector('legend')?.textContent.trim())
    .map(({ name, value }) => `${name}=${value}`));
}

journey('the other language is one link away', async (tab) => {
  await tab.goto(demo.survey_url);
  assert.equal(await tab.locator('html').getAttribute('lang'), 'zh-CN');
  await follow(tab, () => ui.otherLanguage(tab).click());
  assert.equal(await tab.locator('html').getAttribute('lang'), 'en');
  assert.equal(await ui.agree(tab).count(), 1);
});

journey('keyboard only, from the link to the receipt', async (tab) => {
  await tab.goto(demo.survey_url);
  await pickByKeys(tab, 'consent');
  await pickByKeys(tab, 'age18', 'yes');
  await pickByKeys(tab, 'service_12m', 'yes');
  await pickByKeys(tab, 'conflict', 'no');
  for (const service of someServices) await pickByKeys(tab, 'services', service);
  await tabTo(tab, ui.agree(tab));
  await follow(tab, () => tab.keyboard.press('Enter'));

  await pickByKeys(tab, 'G00', '4');
  for (const item of await shownItems(tab)) await pickByKeys(tab, item, '3');
  await tabTo(tab, tab.locator('[name=comment]'));
  await tab.keyboard.type('ok');
  await tabTo(tab, ui.submit(tab));
  await follow(tab, () => tab.keyboard.press('Enter'));
  await receiptOf(tab);
});

/** The error summary stands before the form, and each of its links leads to a field. */
async function summaryLeadsToFields(tab) {
  const links = ui.summary(tab).locator('a[href^="#"]');
  assert.ok(await links.count() > 0, 'the summary has links');
  const dead = await links.evaluateAll((found) => found.map((link) => link.getAttribute('href')).filter((href) => !document.getElementById(href.slice(1))));
  assert.deepEqual(dead, []);

  const reached = () => tab.evaluate(() => (document.activeElement.closest('[role=alert] a') ? 'summary' : document.activeElement.closest('form') && 'form'));
  for (let presses = 0; presses < 20 && !(await reached()); presses += 1) await tab.keyboard.press('Tab');
  assert.equal(await reached(), 'summary', 'Tab comes to the summary before the form');

  const target = await tab.evaluate(() => document.activeElement.getAttribute('href').slice(1));
  await tab.keyboard.press('Enter');
  // A link to a group that cannot take the focus itself sets the place from where Tab goes on.
  const arrived = () => tab.evaluate((id) => document.getElementById(id).closest('fieldset, div').contains(document.activeElement), target);
  if (!(await arrived())) await tab.keyboard.press('Tab');
  assert.ok(await arrived(), `the focus is in #${target}`);
}

journey('a landing page without consent comes back with its answers', async (tab) => {
  await fillLanding(tab, demo.survey_url, { consent: false });
  await tab.evaluate(() => { for (const form of document.forms) form.noValidate = true; });
  assert.equal((await follow(tab, () => ui.agree(tab).click())).status(), 422);
  for (const service of someServices) assert.ok(await ui.control(tab, 'services', service).isChecked(), service);
  assert.ok(await ui.control(tab, 'age18', 'yes').isChecked());
  assert.ok(await ui.control(tab, 'conflict', 'no').isChecked());
  assert.ok(!await ui.control(tab, 'consent').isChecked(), 'consent is never ticked for anybody');
  await summaryLeadsToFields(tab);
});

journey('a form without any rating is refused, the rest kept, and goes through once rated', async (tab) => {
  await begin(tab, demo.survey_url);
  await fillRest(tab);
  const comment = await tab.locator('[name=comment]').inputValue();
  assert.equal((await submit(tab)).status(), 422);
  assert.equal(await tab.locator('[name=comment]').inputValue(), comment);
  assert.ok(await ui.control(tab, 'integrity', 'none').isChecked());
  await summaryLeadsToFields(tab);
  await rateAll(tab);
  await submitForReceipt(tab);
});

journey('a form with too long a comment comes back with every rating', async (tab) => {
  await begin(tab, demo.survey_url);
  const given = await rateAll(tab);
  const long = '很'.repeat(400);
  await tab.locator('[name=comment]').evaluate((field) => field.removeAttribute('maxlength'));
  await tab.locator('[name=comment]').fill(long);
  assert.equal((await submit(tab)).status(), 422);
  for (const [item, value] of Object.entries(given)) assert.ok(await ui.control(tab, item, value).isChecked(), item);
  assert.equal(await tab.locator('[name=comment]').inputValue(), long);
});

journey('"not applicable" throughout is accepted', async (tab) => {
  await begin(tab, demo.survey_url);
  for (const item of await shownItems(tab)) await pick(tab, item, '0');
  await submitForReceipt(tab);
});

journey('Back and F5 after sending show the same receipt', async (tab) => {
  await begin(tab, demo.survey_url);
  await rateAll(tab, 5);
  const receipt = await submitForReceipt(tab);
  await tab.reload();
  assert.equal(await receiptOf(tab), receipt, 'F5');
  await tab.goBack();
  if (await ui.receipt(tab).count() === 0) {
    await rateAll(tab, 1);
    assert.equal(await submitForReceipt(tab), receipt, 'sent again after Back');
  }
  assert.equal(await receiptOf(tab), receipt);
});

journey('F5 on the rating page and a second tab show the same form, which counts once', async (tab) => {
  await begin(tab, demo.survey_url);
  const form = tab.url();
  await tab.reload();
  assert.equal(tab.url(), form);
  const second = await another(tab.context());
  await second.goto(form);
  await rateAll(tab, 5);
  await rateAll(second, 1);
  const receipt = await submitForReceipt(tab);
  assert.equal(await submitForReceipt(second), receipt);
});

journey('a new scan of an open code is a new form', async (tab) => {
  const receipts = [];
  for (const value of [4, 4]) {
    await begin(tab, demo.survey_url);
    await rateAll(tab, value);
    receipts.push(await submitForReceipt(tab));
  }
  assert.notEqual(receipts[0], receipts[1]);
});

journey('a personal link counts once, and looking at it does not use it up', async (tab) => {
  const link = takeInvitation();
  await tab.goto(link);
  const second = await another(tab.context());
  await begin(tab, link);
  await begin(second, link);
  assert.notEqual(second.url(), tab.url(), 'two forms of one link');
  await rateAll(tab, 5);
  await rateAll(second, 1);
  const form = tab.url();
  const receipt = await submitForReceipt(tab);

  assert.equal((await submit(second)).status(), 410, 'the other form of a used link');
  assert.equal(await ui.receipt(second).count(), 0, 'and it does not show the receipt');
  assert.equal((await second.goto(link)).status(), 410, 'the used link');

  await tab.goto(form);
  if (await ui.receipt(tab).count() === 0) await submitForReceipt(tab);
  assert.equal(await receiptOf(tab), receipt, 'the stored form still shows its receipt');
});

for (const [why, screening] of [['a minor', { age18: 'no' }], ['no service', { service_12m: 'no' }], ['staff', { conflict: 'yes' }]]) {
  journey(`not eligible (${why}) ends politely`, async (tab) => {
    await fillLanding(tab, demo.survey_url, { screening });
    await endsPolitely(tab, () => ui.agree(tab).click());
  });
}

journey('declining ends politely, without an answer to anything', async (tab) => {
  await tab.goto(demo.survey_url);
  await endsPolitely(tab, () => ui.decline(tab).click());
});

async function endsPolitely(tab, action) {
  assert.equal((await follow(tab, action)).status(), 200);
  assert.match(await tab.locator('main').innerText(), /谢谢|感谢/);
  assert.equal(await tab.locator('input[type=radio]').count(), 0, 'nothing more is asked');
  assert.equal(await ui.summary(tab).count(), 0, 'it is no error');
}
