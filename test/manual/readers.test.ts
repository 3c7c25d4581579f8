/** The pages as their readers show them: man(1), mandoc(1), and our own. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fileOf, pages } from '../../src/manual/pages.js';
import { plainText } from '../../src/manual/plain.js';
import { finishedPages, manualFolder } from '../helpers/manual.js';
import { lacks } from '../helpers/programs.js';

const run = promisify(execFile);
const width = 80;
const noMan = lacks('man') || lacks('groff');

const all = await finishedPages();

async function shownByMan(name: string): Promise<string> {
  const env = { ...process.env, MANWIDTH: `${width}`, MANROFFOPT: '-ww', LC_ALL: 'C.UTF-8', MANPAGER: 'cat' };
  const options = { env, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 };
  const { stdout, stderr } = await run('man', ['-l', `${manualFolder}${name}`], options);
  assert.equal(stderr, '', name);
  return stdout;
}

/** Neither more than a terminal of 80 columns shows, nor anything that is for troff. */
function assertReadable(name: string, text: string): void {
  for (const line of text.split('\n')) assert.ok(line.length <= width, `${name}: ${line}`);
  assert.doesNotMatch(text, /`|\\f|\\&|\\\[u|@\w+@/, name);
  for (const heading of ['NAME', 'DESCRIPTION', 'EXAMPLES', 'SEE ALSO']) {
    assert.match(text, new RegExp(`^${heading}$`, 'm'), name);
  }
}

test('mandoc has nothing to complain of', { skip: lacks('mandoc') }, async () => {
  for (const name of all.keys()) {
    await run('mandoc', ['-T', 'lint', '-W', 'warning', `${manualFolder}${name}`], { timeout: 60_000 });
  }
});

test('man shows the pages', { skip: noMan }, async () => {
  for (const name of all.keys()) assertReadable(name, await shownByMan(name));
});

test('the plain text of the pages is as readable', () => {
  for (const [name, page] of all) assertReadable(name, plainText(page, width));
});

test('the plain text says what man says, word by word', { skip: noMan }, async () => {
  // Blanks, hyphens, dashes and bullets are the reader’s own.
  const words = (text: string): string => text.replaceAll(/[\s\-\u2010-\u2015\u2022\u00b7]/g, '');
  for (const [name, page] of all) {
    const [, ...ours] = plainText(page, width).split('\n');
    const theirs = (await shownByMan(name)).trim().split('\n').slice(1, -1);
    const [mine, his] = [words(ours.join('\n')), words(theirs.join('\n'))];
    const at = [...his].findIndex((character, index) => character !== mine[index]);
    assert.ok(
      mine === his,
      `${name}: “${mine.slice(Math.max(0, at - 40), at + 40)}” for “${his.slice(Math.max(0, at - 40), at + 40)}”`,
    );
  }
});

test('each page sends its reader to pages that there are', () => {
  const ours = new Set(pages.map(({ name, section }) => `${name}(${section})`));
  for (const [name, page] of all) {
    const named = plainText(page, width).match(/\bldirectord[\w.-]*\(\d\)/g) ?? [];
    assert.ok(named.length > 0, name);
    for (const other of named) assert.ok(ours.has(other), `${name}: ${other}`);
  }
});

test('all pages are written, and nothing else', async () => {
  assert.deepEqual([...all.keys()].toSorted(), pages.map(fileOf).toSorted());
});
