// Makes the picture in the README from the demo: node tests/browser/pictures.mjs
import { launch, startDemo } from './support.mjs';

const demo = await startDemo();
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1120, height: 860 }, javaScriptEnabled: false, locale: 'en-US' });
const tab = await context.newPage();
await tab.goto(`${demo.base_url}/evaluations/${demo.closed_evaluation_id}/results?lang=en`);
await tab.screenshot({ path: new URL('../../docs/pictures/results.png', import.meta.url).pathname });
await browser.close();
await demo.stop();
