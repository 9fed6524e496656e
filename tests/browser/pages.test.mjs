// Every page a customer or a first visitor can meet: nothing wrong at any width, in either colour scheme and language.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  allServices, begin, fillLanding, inLanguage, pick, rateAll, refusedRating, submitForReceipt, ui,
} from './journey.mjs';
import { follow, keptToOurselves, launch, lintForOldEngines, looksRight, page, startDemo, wireSize } from './support.mjs';

const demo = await startDemo();
const browser = await launch();
after(async () => {
  await browser.close();
  await demo.stop();
});

/** An address that looks like this one and leads nowhere. */
const unknown = (address) => address.replace(/[^/]+$/, (code) => 'a'.repeat(code.length));
const open = (address) => (tab, language) => {
  assert.ok(address, 'the demo\'s ready file names this link');
  return tab.goto(inLanguage(address, language));
};
const atLanding = { services: allServices };

let used;
/** A personal link that has been answered. */
async function usedLink() {
  if (used) return used;
  const link = demo.invitation_urls.pop();
  const tab = await page(browser);
  await begin(tab, link);
  await rateAll(tab, 5);
  await submitForReceipt(tab);
  await tab.context().close();
  used = link;
  return used;
}

/** The link on the demo's home page that leads to a page. */
async function linkFromHome(tab, selector) {
  await tab.goto(demo.base_url);
  const link = tab.locator(selector).first();
  return link.evaluate((element) => element.href);
}
const resultsLink = `a[href*="${demo.closed_evaluation_id}"]`;
const qrLink = 'a[href*="qr"]';

// name → [status, how to get there]. What a customer sees:
const surveyPages = {
  landing: [200, open(demo.survey_url)],
  'landing-refused': [422, async (tab, language) => {
    await fillLanding(tab, demo.survey_url, { ...atLanding, language, consent: false });
    await tab.evaluate(() => { for (const form of document.forms) form.noValidate = true; });
    return follow(tab, () => ui.agree(tab).click());
  }],
  rating: [200, async (tab, language) => {
    const response = await begin(tab, demo.survey_url, { ...atLanding, language });
    for (const [item, value] of [['F01', '2'], ['V01', '1'], ['T01', '4']]) await pick(tab, item, value);
    return response;
  }],
  'rating-refused': [422, (tab, language) => refusedRating(tab, demo.survey_url, { ...atLanding, language })],
  receipt: [200, async (tab, language) => {
    await begin(tab, demo.survey_url, { language });
    await rateAll(tab);
    await submitForReceipt(tab);
    return tab.reload();
  }],
  'not-eligible': [200, async (tab, language) => {
    await fillLanding(tab, demo.survey_url, { language, screening: { age18: 'no' } });
    return follow(tab, () => ui.agree(tab).click());
  }],
  declined: [200, async (tab, language) => {
    await tab.goto(inLanguage(demo.survey_url, language));
    return follow(tab, () => ui.decline(tab).click());
  }],
  'link-unknown': [404, open(unknown(demo.survey_url))],
  'link-used': [410, async (tab, language) => open(await usedLink())(tab, language)],
  'code-entry': [200, open(new URL('/c', demo.base_url).href)],
  'code-mistyped': [422, async (tab, language) => {
    await tab.goto(inLanguage(new URL('/c', demo.base_url).href, language));
    await tab.locator('#code').fill('0000-0000-0000-1');
    return follow(tab, () => tab.locator('button').click());
  }],
  'link-closed': [410, open(demo.closed_survey_url)],
  'link-revoked': [410, open(demo.revoked_survey_url)],
  'link-early': [403, open(demo.early_survey_url)],
  'form-forged': [400, open(unknown(new URL('/f/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', demo.base_url).href))],
};
// What somebody sees who tries the demo:
const demoPages = {
  home: [200, open(demo.base_url)],
  results: [200, async (tab, language) => tab.goto(inLanguage(await linkFromHome(tab, resultsLink), language))],
  qr: [200, async (tab, language) => tab.goto(inLanguage(await linkFromHome(tab, qrLink), language))],
};

for (const [pages, isSurvey] of [[surveyPages, true], [demoPages, false]]) {
  for (const [name, [status, reach]] of Object.entries(pages)) {
    for (const language of ['zh', 'en']) {
      test(`${name}, ${language}`, async () => {
        const tab = await page(browser, { language });
        const response = await reach(tab, language);
        assert.equal(response.status(), status);
        assert.equal(await tab.locator('html').getAttribute('lang'), language === 'en' ? 'en' : 'zh-CN');
        assert.ok((await tab.title()).trim(), 'has a title');
        assert.equal(await tab.locator('h1').count(), 1, 'has one heading of the first level');
        if (isSurvey) {
          assert.deepEqual(await lintForOldEngines(tab), []);
          await keptToOurselves(tab, demo.base_url);
        }
        await looksRight(tab, `${name}-${language}`, { targets: isSurvey });
        await tab.context().close();
      });
    }
  }
}

test('landing and rating page cross the wire in 13 000 bytes', async () => {
  const tab = await page(browser);
  await begin(tab, demo.survey_url, atLanding);
  for (const address of [demo.survey_url, inLanguage(demo.survey_url, 'en'), tab.url()]) {
    const { status, bytes } = await wireSize(address);
    assert.equal(status, 200);
    assert.ok(bytes <= 13_000, `${bytes} bytes: ${address}`);
  }
  await tab.context().close();
});

test('every link on the demo\'s home page leads somewhere', async () => {
  const tab = await page(browser);
  await tab.goto(demo.base_url);
  const links = await tab.locator('a[href]').evaluateAll((found) => found.map(({ href }) => href.split('#')[0]));
  for (const link of new Set(links)) {
    assert.equal(new URL(link).host, new URL(demo.base_url).host, link);
    const response = await tab.context().request.get(link);
    assert.ok(response.status() < 400, `${response.status()} ${link}`);
  }
  await tab.context().close();
});
