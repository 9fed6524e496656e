// Accounts as people get them: one-time links, passwords, codes of an authenticator app, signing in.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { follow } from './support.mjs';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const stepMs = 30_000;

/** Six digits of an authenticator app (RFC 6238: HMAC-SHA-1, 30 s) for a secret in base 32. */
export function totp(secret, atMs) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(atMs / stepMs)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Presses the button of the page's form. */
export const press = (tab) => follow(tab, () => tab.locator('main form .send button').first().click());

async function write(tab, fields) {
  for (const [name, text] of Object.entries(fields)) await tab.locator(`main [name="${name}"]`).fill(text);
}

/** Opens a one-time link and sets a password; the first administrator also says who they are. */
export async function setUp(tab, link, password, about = {}) {
  assert.equal((await tab.goto(link)).status(), 200);
  await write(tab, { ...about, password, password_again: password });
  assert.equal((await press(tab)).status(), 200);
  assert.ok(!new URL(tab.url()).pathname.startsWith('/set-up'), 'the link led on');
}

/**
 * Sets the second factor up on its page; resolves to the secret. A code counts once, so this takes the one before this
 * moment's, which is left for signing in.
 */
export async function enrol(tab) {
  assert.equal(new URL(tab.url()).pathname, '/account/second-factor');
  const secret = await tab.locator('code.secret').textContent();
  const left = stepMs - Date.now() % stepMs;
  if (left < 3_000) await new Promise((resolve) => { setTimeout(resolve, left); });
  await write(tab, { code: totp(secret, Date.now() - stepMs) });
  assert.equal((await press(tab)).status(), 200);
  assert.ok(await tab.locator('.codes li').count() >= 8, 'recovery codes are shown');
  return secret;
}

/** Signs in on the sign-in page, wherever it leads. */
export async function signIn(tab, base, { login, password, secret }) {
  await tab.goto(`${base}/sign-in`);
  await write(tab, { login, password });
  await press(tab);
  if (secret) {
    assert.equal(new URL(tab.url()).pathname, '/sign-in/code');
    await write(tab, { code: totp(secret, Date.now()) });
    await press(tab);
  }
  assert.ok(!new URL(tab.url()).pathname.startsWith('/sign-in'), await tab.locator('main').innerText());
}
