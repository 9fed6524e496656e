// The manager hands a list of customers over, imports it, records what is known about it and draws.
import assert from 'node:assert/strict';
import { press } from './desk.mjs';
import { follow } from './support.mjs';

/** Sixty customers of these outlets, as an organisation's system writes them; one row is broken. */
function list(outlets) {
  const day = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10);
  const rows = Array.from({ length: 60 }, (_, k) => `GD${k},客户${k},kh${(k * 7919) % 9973}@mail${k % 30}.example,${outlets[k % outlets.length]},${['维修', '安装'][k >> 1 & 1]},${day}`);
  return ['工单号,客户姓名,电子邮箱,服务网点,服务类型,服务日期', ...rows, `GD60,客户60,kh60,${outlets[0]},维修,${day}`].join('\n');
}

/** Goes the whole way; `look` is called on every page, with its name. */
export async function drawSample(tab, address, outlets, look) {
  const open = async (end) => assert.equal((await tab.goto(`${address}/sample${end}`)).status(), 200, end);
  await open('');
  await look('none');
  await open('/upload');
  await look('upload');
  const hand = (name, text) => tab.locator('main [name=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await hand('list.csv', 'only a header\n');
  assert.equal((await press(tab)).status(), 422);
  await look('upload-refused');
  await hand('list.csv', list(outlets));
  assert.equal((await press(tab)).status(), 200);
  assert.match(tab.url(), /\/sample\/columns$/);
  await look('columns');
  await follow(tab, () => tab.locator('form[action$="/sample/import"] button').click());
  await tab.locator('#record').waitFor({ timeout: 60_000 }); // the page refreshes itself
  await look('imported');
  await open('/record');
  assert.equal((await press(tab)).status(), 422);
  await look('record-refused');
  await tab.locator('[name=basis][value=clause]').check();
  const known = { evidence: '服务单样张第 4 条', source: '工单系统', extracted_on: '2026-01-05', declared: '61', complete: '王经理', gaps: '无' };
  for (const [name, text] of Object.entries(known)) await tab.locator(`main [name="${name}"]`).fill(text);
  assert.equal((await press(tab)).status(), 200);
  await look('recorded');
  await open('/draw');
  await look('draw');
  const sizes = tab.locator('main [name=sizes]');
  await sizes.fill((await sizes.inputValue()).split('\n').map((line) => `${line.split(';')[0]}; 3; 3`).join('\n'));
  assert.equal((await press(tab)).status(), 422);
  await look('draw-refused');
  await tab.locator('main [name=reason]').fill('名单很小，先抽一部分');
  assert.equal((await press(tab)).status(), 200);
  await look('fixed');
  assert.equal((await follow(tab, () => tab.locator('form[action$="/draw/run"] button').click())).status(), 200);
  await look('drawn');
  await open('/reserves');
  await look('reserves');
  await open('/erase');
  await look('erase');
}
