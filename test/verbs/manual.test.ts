/** `ldirectord help`, in a pipe and on a terminal. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { fileOf, pages } from '../../src/manual/pages.js';
import { plainText } from '../../src/manual/plain.js';
import { verbHelp } from '../../src/verbs/help.js';
import { verbTable } from '../../src/verbs/table.js';
import { finishedPages, manualFolder } from '../helpers/manual.js';
import { cli, ldirectord } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const run = promisify(execFile);

test('without a topic it lists pages and verbs', async (t) => {
  const { code, stdout } = await ldirectord(t, 'help');
  assert.equal(code, 0);
  for (const name of [...pages.map(({ topic }) => topic), ...verbTable.map((row) => row.name)]) {
    assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
  }
  for (const line of stdout.split('\n')) assert.ok(line.length <= 100, line);
});

test('of a verb it shows the help, also where the verb takes no arguments', async (t) => {
  for (const row of verbTable) {
    assert.deepEqual(await ldirectord(t, 'help', row.name), { code: 0, stdout: verbHelp(row), stderr: '' });
  }
});

test('in a pipe a page is plain text', async (t) => {
  const written = await finishedPages();
  for (const page of pages) {
    const { code, stdout } = await ldirectord(t, 'help', page.topic);
    assert.equal(code, 0);
    assert.equal(stdout, plainText(written.get(fileOf(page)) ?? '', 80));
  }
  assert.match((await ldirectord(t, 'help', 'ldirectord.ini')).stdout, /^LDIRECTORD\.INI\(5\)\n/);
});

test('what there is nothing about is a mistake on the command line', async (t) => {
  const nothing = await ldirectord(t, 'help', 'weather');
  assert.deepEqual([nothing.code, nothing.stdout], [2, '']);
  assert.match(nothing.stderr, /nothing about 'weather'.*'ldirectord help' lists/);
  assert.equal((await ldirectord(t, 'help', 'cf', 'ini')).code, 2);
});

/** On a terminal, with this as the only program in PATH. */
async function onTerminal(t: TestContext, man: string | null): Promise<string> {
  const folder = await temporaryDirectory(t);
  if (man !== null) await writeFile(join(folder, 'man'), `#!/bin/sh\n${man}\n`, { mode: 0o755 });
  const { stdout: script } = await run('sh', ['-c', 'command -v script']);
  const command = `'${process.execPath}' '${cli}' help cf`;
  const options = { env: { PATH: folder, SHELL: '/bin/sh' }, timeout: 60_000 };
  const { stdout } = await run(script.trim(), ['--quiet', '--return', '--command', command, '/dev/null'], options);
  return stdout.replaceAll('\r', '');
}

test('on a terminal man shows it, and where man cannot we do', { skip: lacks('script') }, async (t) => {
  assert.equal(await onTerminal(t, 'echo "man $*"'), `man -l ${manualFolder}ldirectord.cf.5\n`);
  const own = /^LDIRECTORD\.CF\(5\)\n/m;
  assert.match(await onTerminal(t, 'exit 16'), own);
  assert.match(await onTerminal(t, null), own);
});
