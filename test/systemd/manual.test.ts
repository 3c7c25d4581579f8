import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { directives } from '../../src/config/directives.js';
import { serviceRows } from '../../src/config/service-lists.js';
import { settingFaults, settingRows } from '../../src/config/setting-rows.js';
import { eventSentences } from '../../src/events.js';
import { optionRows, verbRows } from '../../src/verbs/help.js';
import { manualPages } from '../../systemd/manual.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const run = promisify(execFile);

test('what the code knows stands in the pages', async () => {
  const pages = await manualPages();
  /** Once in the page, less what comes from a section on. */
  const hasItem = (page: string, term: string, before = 'SEE ALSO'): void => {
    const item = `.It Cm ${term.replaceAll('-', '\\-')}\n`;
    const [text = ''] = pages.get(page)?.split(`.Sh ${before}\n`) ?? [];
    assert.equal(text.split(item).length, 2, `${page}: ${term}`);
  };
  for (const [name] of [...verbRows, ...optionRows]) hasItem('ldirectord.8', name);
  for (const type of Object.keys(eventSentences)) hasItem('ldirectord.8', type);
  for (const { key } of settingRows) hasItem('ldirectord.ini.5', key);
  for (const code of Object.keys(settingFaults)) hasItem('ldirectord.ini.5', code);
  for (const { keyword } of directives) hasItem('ldirectord.cf.5', keyword, 'CHECKS');
  const [, services] = pages.get('ldirectord.cf.5')?.split('.Sh SERVICES\n') ?? [];
  for (const { names } of serviceRows()) assert.ok(services?.includes(`.It Cm ${names.join(', ')}\n`), names.join());
});

test('mandoc has nothing to complain of', { skip: lacks('mandoc') }, async (t) => {
  const folder = await temporaryDirectory(t);
  for (const [name, text] of await manualPages()) {
    await writeFile(join(folder, name), text);
    await run('mandoc', ['-T', 'lint', '-W', 'warning', join(folder, name)], { timeout: 60_000 });
  }
});

test('man shows the pages', { skip: lacks('man') || lacks('groff') }, async (t) => {
  const folder = await temporaryDirectory(t);
  for (const [name, text] of await manualPages()) {
    await writeFile(join(folder, name), text);
    const env = { ...process.env, MANWIDTH: '80', MANROFFOPT: '-ww', LC_ALL: 'C.UTF-8', MANPAGER: 'cat' };
    const { stdout, stderr } = await run('man', ['-l', join(folder, name)], { env, timeout: 60_000 });
    assert.equal(stderr, '');
    for (const heading of ['NAME', 'DESCRIPTION', 'EXAMPLES']) assert.match(stdout, new RegExp(`^${heading}$`, 'm'));
    assert.doesNotMatch(stdout, /`|\\f|@\w+@/);
  }
});
