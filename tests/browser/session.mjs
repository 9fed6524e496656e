// Signs the demo's evaluator in, past the sign-in page: a session as the program would have written it.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';

export async function signInEvaluator(context, demo) {
  const token = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(token).digest('hex');
  const now = Date.now();
  const sql = `INSERT INTO session (token_hash, person_id, stage, device, created_at_ms, seen_at_ms, confirmed_at_ms)
    SELECT '${hash}', person_id, 'full', 'test', ${now}, ${now}, ${now} FROM account WHERE login = 'ev-0117'`;
  execFileSync('sqlite3', ['-cmd', '.timeout 5000', demo.database.replace(/^sqlite:/, ''), sql]);
  await context.addCookies([{ name: 'sid', value: token, url: demo.base_url, httpOnly: true, sameSite: 'Lax' }]);
}
