// Paper: a page as a printer gets it, and what a scanner reads off it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const dotsPerInch = 300;

/** What a scanner reads from a picture: every code in it. */
export function scan(picture) {
  const found = execFileSync('zbarimg', ['--raw', '-q', picture], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return found.trim().split('\n');
}

/** A page as PDF on A4; resolves to the file and its number of sheets. */
export async function print(tab, folder, name) {
  const pdf = join(folder, `${name}.pdf`);
  writeFileSync(pdf, await tab.pdf({ preferCSSPageSize: true, printBackground: true }));
  const about = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' });
  assert.match(about, /Page size:\s+59[45]\.\d+ x 84[12]\.\d+ pts/);
  return { pdf, sheets: Number(/Pages:\s+(\d+)/.exec(about)[1]) };
}

/** One picture per sheet of a PDF, or of a part of one sheet given in millimetres. */
export function draw({ pdf, sheets }, { sheet, x, y, width, height } = {}) {
  const pictures = pdf.replace(/\.pdf$/, sheet === undefined ? '' : `-${sheet}-${x}-${y}`);
  const dots = (millimetres) => String(Math.round(millimetres / 25.4 * dotsPerInch));
  const part = sheet === undefined ? [] : ['-f', String(sheet), '-l', String(sheet), '-x', dots(x), '-y', dots(y), '-W', dots(width), '-H', dots(height)];
  execFileSync('pdftoppm', ['-q', '-r', String(dotsPerInch), '-png', ...part, pdf, pictures]);
  const picture = (number) => `${pictures}-${String(number).padStart(String(sheets).length, '0')}.png`;
  return sheet === undefined ? Array.from({ length: sheets }, (_, n) => picture(n + 1)) : picture(sheet);
}
