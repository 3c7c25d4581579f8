/**
 * Which files `npm test` runs, in their order; `node build/test/suite.js` prints them. Each unit test runs once, where
 * there is nothing but Node: `unit.test.ts` sees to that. The lab begins first, since all others together take little
 * longer, and `unit.test.ts` is last: with files enough for every processor it leaves none idle in the end.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lacks } from './helpers/programs.js';
import { unitTests } from './unit.js';

const tests = fileURLToPath(new URL('.', import.meta.url));
const first = join(tests, 'lab/lab.test.js');
const last = join(tests, 'unit.test.js');

/** False where unit tests can be run with nothing but Node; otherwise why not. */
export const bareMissing = lacks('unshare') || lacks('ip');

/** A test that is skipped where there is nothing has its say where there is more. */
function canSkip(file: string): boolean {
  return /\bskip\b/.test(readFileSync(file, 'utf8'));
}

export function suite(): string[] {
  const elsewhere = bareMissing === false ? unitTests().filter((file) => !canSkip(file)) : [];
  const ends = [first, last, ...elsewhere];
  const all = readdirSync(tests, { recursive: true, encoding: 'utf8' }).map((name) => join(tests, name));
  const rest = all.filter((file) => file.endsWith('.test.js') && !ends.includes(file));
  return [first, ...rest.toSorted(), last];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of suite()) process.stdout.write(`${relative(process.cwd(), file)}\n`);
}
