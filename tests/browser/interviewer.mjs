// An interview in verbs, step by step with the script, or whole on one page without.
import assert from 'node:assert/strict';
import { pick, ui } from './journey.mjs';
import { follow } from './support.mjs';

export const on = (tab) => tab.locator('[data-go=on]');
export const step = (tab) => tab.locator('.step:not([hidden])');
const eligible = [['age18', 'yes'], ['service_12m', 'yes'], ['conflict', 'no']];

/** Answers the step in sight; what is touched goes on by itself where one touch answers it. A low rating has opened its reasons. */
export async function touch(tab, name, value) {
  const before = await tab.locator('.pace').textContent();
  await tab.locator(`label:has([name="${name}"][value="${value}"])`).click();
  if (await tab.locator(`.low [name="${name}"][value="${value}"]`).count()) {
    await step(tab).locator('.why').waitFor({ state: 'visible' });
    await on(tab).click();
  }
  await tab.waitForFunction((text) => document.querySelector('.pace').textContent !== text, before);
}

export async function introduce(tab) {
  await on(tab).click();
  assert.ok(await tab.locator('.missing').isVisible(), 'nothing goes on without consent');
  await pick(tab, 'consent');
  await on(tab).click();
}

/** From the first step over the screening to the first rating. */
export async function toServices(tab, services) {
  await introduce(tab);
  for (const [id, answer] of eligible) await touch(tab, id, answer);
  for (const service of services) await pick(tab, 'services', service);
  await on(tab).click();
}

/** The id of the item in sight; nothing after the last. */
export function itemInSight(tab) {
  return step(tab).locator('input[type=radio][value="0"]').first().getAttribute('name', { timeout: 500 }).catch(() => null);
}

/** Where and how the interview was held. */
export async function protocol(tab) {
  await pick(tab, 'place', 'outside');
  for (const id of ['id_card_shown', 'show_card_used']) await pick(tab, id, 'yes');
  for (const id of ['staff_within_earshot', 'others_present']) await pick(tab, id, 'no');
}

/** Goes on until a control is in sight. */
export async function goOnTo(tab, name) {
  while (!await tab.locator(`[name=${name}]`).first().isVisible()) await on(tab).click();
}

/** Sends the interview and finds its receipt. */
export async function sent(tab, button) {
  const response = await follow(tab, () => button.click());
  assert.equal(response.status(), 200);
  assert.match(await ui.receipt(tab).getAttribute('data-receipt'), /^(\w{4}-){3}\w{4}$/);
}

/** A whole interview with the script: every item gets the same answer. */
export async function interviewByScript(tab, { services, value }) {
  await toServices(tab, services);
  await touch(tab, 'G00', value);
  while (await itemInSight(tab)) await touch(tab, await itemInSight(tab), value);
  await goOnTo(tab, 'place');
  await protocol(tab);
  await goOnTo(tab, 'selection_rule');
  await tab.locator('[name=selection_rule]').fill('3');
  await pick(tab, 'evaluator_declaration');
  await sent(tab, tab.locator('[data-go=send]'));
}

/** Fills the one page in without script, all but the declaration; `items` are rated with `value`. */
export async function fillOnePage(tab, { services, items, value }) {
  await pick(tab, 'consent');
  for (const [id, answer] of eligible) await pick(tab, id, answer);
  for (const service of services) await pick(tab, 'services', service);
  for (const item of items) await pick(tab, item, value);
  await protocol(tab);
  await tab.locator('[name=selection_rule]').fill('3');
}
