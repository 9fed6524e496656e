import { launch, startDemo } from './support.mjs';
import { signIn } from './desk.mjs';
const demo = await startDemo();
const browser = await launch();
try {
for (const [role, pages] of [['manager', ['plan', 'plan/draw', 'deviations', 'postings', 'funnel']], ['evaluator', ['postings', 'interviews']]]) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  const tab = await context.newPage();
  await signIn(tab, demo.base_url, demo.users[role]);
  for (const lang of ['zh-CN', 'en']) for (const width of [1280, 320]) for (const name of pages) {
    await tab.setViewportSize({ width, height: 900 });
    await tab.goto(`${demo.base_url}/evaluations/${demo.evaluation_id}/${name}?lang=${lang}`);
    const over = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth).catch(() => 0);
    console.log(role, lang, width, name, over);
    await tab.screenshot({ path: `/tmp/p2pics/${role}-${name.replace('/', '-')}-${lang}-${width}.png`, fullPage: true });
  }
  await context.close();
}
} finally { await browser.close(); await demo.stop(); }
