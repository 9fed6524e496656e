// The customer's way in verbs. Every selector and every visible text the tests rely on stands here.
// Controls bear the ids of the questionnaire, so most of it follows from that file.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { follow } from './support.mjs';

const folder = new URL('../../questionnaires/', import.meta.url);
export const questionnaire = JSON.parse(readFileSync(new URL(readdirSync(folder).sort().findLast((name) => name.endsWith('.json')), folder)));
const { texts } = questionnaire;

export const allServices = questionnaire.screening.find(({ id }) => id === 'services').options.map(({ id }) => id);
export const someServices = ['outlet', 'repair', 'paid'];

/** Ids of the items that somebody who used these services is asked about. */
export function itemsFor(services) {
  return questionnaire.items
    .filter(({ applies_if: rule }) => rule.always || rule.any.some((service) => services.includes(service)))
    .map(({ id }) => id);
}

const eitherLanguage = (id) => new RegExp(`^\\s*(${texts[`${id}_zh`]}|${texts[`${id}_en`]})\\s*$`);
export const ui = {
  agree: (tab) => tab.getByRole('button', { name: eitherLanguage('consent_button') }),
  decline: (tab) => tab.getByRole('button', { name: eitherLanguage('decline_button') })
    .or(tab.getByRole('link', { name: eitherLanguage('decline_button') })),
  submit: (tab) => tab.locator('form').filter({ has: tab.locator('input[type=radio]') })
    .locator('button:not([type]), button[type=submit], input[type=submit]').last(),
  otherLanguage: (tab) => tab.locator('a[href*="lang=en"]').first(),
  summary: (tab) => tab.locator('[role=alert]'),
  receipt: (tab) => tab.locator('[data-receipt]'),
  control: (tab, name, value) => tab.locator(value === undefined ? `[name="${name}"]` : `[name="${name}"][value="${value}"]`),
};

/** The address of a page in a language; Chinese is what one gets without asking. */
export function inLanguage(address, language) {
  const url = new URL(address);
  if (language === 'en') url.searchParams.set('lang', 'en');
  return url.href;
}

/** Touches the label of a radio button or box, as a finger does. */
export async function pick(tab, name, value) {
  const control = ui.control(tab, name, value);
  const label = await control.evaluateHandle((input) => input.labels[0] ?? input);
  await label.click({ position: { x: 12, y: 12 } });
  assert.ok(await control.isChecked(), `${name}=${value} is chosen after a touch on its label`);
}

const eligible = { age18: 'yes', service_12m: 'yes', conflict: 'no' };

/** Opens the link and fills the landing page in; `screening` overrides single answers. */
export async function fillLanding(tab, link, { language = 'zh', services = someServices, screening = {}, consent = true } = {}) {
  await tab.bringToFront();
  const response = await tab.goto(inLanguage(link, language));
  assert.equal(response.status(), 200);
  if (consent) await pick(tab, 'consent');
  for (const [id, answer] of Object.entries({ ...eligible, ...screening })) await pick(tab, id, answer);
  for (const service of services) await pick(tab, 'services', service);
}

/** From the link to the rating page. */
export async function begin(tab, link, options) {
  await fillLanding(tab, link, options);
  const response = await follow(tab, () => ui.agree(tab).click());
  assert.equal(response.status(), 200);
  assert.match(new URL(tab.url()).pathname, /^\/f\//, 'the rating page has the signed form in its address');
  return response;
}

/** Ids of the items the rating page shows, in its order. */
export async function shownItems(tab) {
  const names = await tab.locator('input[type=radio]').evaluateAll((inputs) => [...new Set(inputs.map(({ name }) => name))]);
  const known = new Set(questionnaire.items.map(({ id }) => id));
  return names.filter((name) => known.has(name));
}

/** Rates everything shown: all with `value`, or one after another 5 4 3 2 1 0. */
export async function rateAll(tab, value) {
  const given = {};
  await tab.bringToFront(); // Chromium draws a tab in the background once a second
  await pick(tab, 'G00', String(value ?? 4));
  for (const [index, item] of (await shownItems(tab)).entries()) {
    given[item] = String(value ?? 5 - (index % 6));
    await pick(tab, item, given[item]);
  }
  return given;
}

/** Why a rating is low, as the page offers it while the rating is chosen. */
export const why = (tab, item) => tab.locator(`#${item} .why`);
export const reasons = questionnaire.dimensions.flatMap(({ items, low_reasons: list }) => items.map((item) => [item, list.map(({ id }) => `${item}.${id}`)]));

/** The questions after the ratings, as far as the page asks them. */
export async function fillRest(tab, { services = someServices } = {}) {
  await tab.locator('[name=comment]').fill('师傅很准时 <b>&"');
  await pick(tab, 'integrity', 'none');
  if (await ui.control(tab, 'customer_type').count()) await pick(tab, 'customer_type', 'home');
  assert.equal(await ui.control(tab, 'complaint_fee').count() > 0, services.includes('complaint'), 'complaint_fee is asked of those who complained');
  if (services.includes('complaint')) await pick(tab, 'complaint_fee', 'no');
}

/** Sends the ratings without the browser's own checks, so that the server's are seen. */
export async function submit(tab) {
  await tab.bringToFront();
  await tab.evaluate(() => { for (const form of document.forms) form.noValidate = true; });
  return follow(tab, () => ui.submit(tab).click());
}

/** Sends the ratings and reads the receipt code. */
export async function submitForReceipt(tab) {
  const response = await submit(tab);
  assert.equal(response.status(), 200);
  assert.equal(response.request().redirectedFrom()?.method(), 'POST', 'a POST that led on to the receipt');
  return receiptOf(tab);
}

export async function receiptOf(tab) {
  const code = await ui.receipt(tab).getAttribute('data-receipt');
  assert.match(code, /\S{6,}/);
  assert.ok(await ui.receipt(tab).isVisible());
  return code;
}

/** A rating page sent without any rating comes back refused. */
export async function refusedRating(tab, link, options) {
  await begin(tab, link, options);
  const response = await submit(tab);
  assert.equal(response.status(), 422);
  return response;
}

/** Presses Tab until one of the locator's elements has the focus. */
export async function tabTo(tab, locator) {
  for (let presses = 0; presses < 200; presses += 1) {
    if (await locator.evaluateAll((elements) => elements.includes(document.activeElement))) return;
    await tab.keyboard.press('Tab');
  }
  assert.fail(`Tab does not reach ${locator}`);
}

/** Chooses by keyboard: Tab to the group, Space, then arrows until the wanted answer is chosen. */
export async function pickByKeys(tab, name, value) {
  const wanted = ui.control(tab, name, value);
  const isRadio = await wanted.evaluate((input) => input.type === 'radio');
  await tabTo(tab, isRadio ? ui.control(tab, name) : wanted);
  await tab.keyboard.press('Space');
  for (let presses = 0; isRadio && presses < 12 && !(await wanted.isChecked()); presses += 1) await tab.keyboard.press('ArrowRight');
  assert.ok(await wanted.isChecked(), `${name}=${value} by keyboard`);
}
