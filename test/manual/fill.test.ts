import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { manualPages, type Tables } from '../../src/manual/fill.js';
import { fileOf, pages } from '../../src/manual/pages.js';
import { asRead } from '../../src/manual/roff.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

/** The first page, of which this is the source; others of the manual are empty. */
async function filled(t: TestContext, source: string, tables: Tables = {}): Promise<string> {
  const folder = await temporaryDirectory(t);
  const [first, ...others] = pages.map(fileOf);
  for (const name of others) await writeFile(join(folder, `${name}.in`), '');
  await writeFile(join(folder, `${first}.in`), source);
  await writeFile(join(folder, 'part.in'), 'a part\n');
  return (await manualPages(folder, tables)).get(first ?? '') ?? assert.fail();
}

test('text is text, and what stands between backquotes is literal', async (t) => {
  assert.equal(
    await filled(t, 'one-packet, `a-b\\n` – \\ and …'),
    'one-packet, \\fBa\\-b\\en\\fP \\[u2013] \\e and \\[u2026]\n',
  );
  assert.equal(await filled(t, 'One `a. b`. Two (three.) `Four`.'), 'One \\fBa. b\\fP.\nTwo (three.)\n\\fBFour\\fP.\n');
  assert.equal(await filled(t, "'quoted' at the beginning"), "\\&'quoted' at the beginning\n");
});

test('a literal word stands in one line', async (t) => {
  await assert.rejects(filled(t, 'what `checktype'), /a backquote without its other one: what `checktype/);
});

test('macros stay, and the words of items are literal', async (t) => {
  assert.equal(await filled(t, '.Xr ldirectord.cf 5 ,'), '.Xr ldirectord.cf 5 ,\n');
  assert.equal(await filled(t, '.It'), '.It\n');
  assert.equal(await filled(t, '.It "a-b" No'), '.It Cm \\(dqa\\-b\\(dq \\&No\n');
});

test('what is displayed is as it is', async (t) => {
  const display = '.Bd -literal\n.conf `a` -l \\\n.Ed\n`a`';
  assert.equal(await filled(t, display), '.Bd -literal\n\\&.conf `a` \\-l \\e\n.Ed\n\\fBa\\fP\n');
});

test('tables and parts stand where they are asked for', async (t) => {
  const tables = { verbs: [['start', 'it begins; `stop` ends it']] } as const;
  assert.equal(
    await filled(t, '.so part.in\n@verbs@', tables),
    'a part\n.Bl -tag -width Ds\n.It Cm start\nIt begins; \\fBstop\\fP ends it.\n.El\n',
  );
  await assert.rejects(filled(t, '@verb@', tables), /no table 'verb'/);
});

test('what is escaped reads as it was', async (t) => {
  const text = 'a-b \\n “c” – \u{1f600} "d"';
  assert.equal(asRead(await filled(t, text)), `${text}\n`);
  assert.equal(asRead((await filled(t, `.It ${text}`)).slice('.It Cm '.length)), `${text}\n`);
});
