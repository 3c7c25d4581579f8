/**
 * Which files `npm test` runs, in any order: `node --test` has its own. `node build/test/suite.js` prints them. Each unit
 * test runs once, where there is nothing but Node: `unit.test.ts` sees to that.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lacks } from './helpers/programs.js';
import { unitTests } from './unit.js';

const tests = fileURLToPath(new URL('.', import.meta.url));

/** False where unit tests can be run with nothing but Node; otherwise why not. */
export const bareMissing = lacks('unshare') || lacks('ip');

/** A test that is skipped where there is nothing has its say where there is more. */
function canSkip(file: string): boolean {
  return /\bskip\b/.test(readFileSync(file, 'utf8'));
}

export function suite(): string[] {
  const elsewhere = bareMissing === false ? unitTests().filter((file) => !canSkip(file)) : [];
  const all = readdirSync(tests, { recursive: true, encoding: 'utf8' }).map((name) => join(tests, name));
  return all.filter((file) => file.endsWith('.test.js') && !elsewhere.includes(file)).toSorted();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of suite()) process.stdout.write(`${relative(process.cwd(), file)}\n`);
}
