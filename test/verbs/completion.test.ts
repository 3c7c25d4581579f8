/** Completion as a person has it: a shell on a terminal, the TAB key, and a daemon whose servers are asked for. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { pages } from '../../src/manual/pages.js';
import { bashCompletion, zshCompletion } from '../../src/verbs/completion.js';
import { verbTable } from '../../src/verbs/table.js';
import { completingShell, type ShellName } from '../helpers/completing-shell.js';
import { Instances } from '../helpers/instance.js';
import { cli } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const run = promisify(execFile);

const scripts: Readonly<Record<ShellName, string>> = { bash: bashCompletion(), zsh: zshCompletion() };
const verbs = verbTable.map(({ name }) => name);
const servers = ['10.0.0.1:80', '10.0.0.1:81', '[2001:db8::1]:80'];
const ofDrain = ['--all', '--force', '--help', '--reason', '--timeout', '--virtual', '--wait'];

const configuration = `virtual=192.0.2.1:80
\treal=10.0.0.1:80 gate
\treal=10.0.0.1:81 gate
\tchecktype=on
virtual6=[2001:db8::80]:80
\treal6=[2001:db8::1]:80 gate
\tchecktype=on
`;

/** A shell in a folder with the configuration, and a program of ours in its path. */
async function opened(t: TestContext, shell: ShellName) {
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', configuration);
  const bin = join(instances.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'ldirectord'), `#!/bin/sh\nexec ${process.execPath} ${cli} "$@"\n`, { mode: 0o755 });
  await writeFile(join(instances.folder, 'a new one.cf'), '');
  const env = { ...instances.environment, PATH: `${bin}:${process.env['PATH']}` };
  const { complete, shown } = await completingShell(t, shell, scripts[shell], { folder: instances.folder, env });
  const offered = async (words: string): Promise<readonly string[]> => (await complete(`ldirectord ${words}`)).offered;
  const line = async (words: string): Promise<string> => (await complete(`ldirectord ${words}`)).line;
  return { web, offered, line, shown };
}

for (const shell of ['bash', 'zsh'] as const) {
  const skip = lacks(shell) || lacks('script');
  test(`${shell} completes verbs, options, files and the servers of the daemon that runs`, { skip }, async (t) => {
    const { web, offered, line, shown } = await opened(t, shell);
    const withoutFiles = await offered('web.cf ');
    assert.deepEqual(withoutFiles, verbs.toSorted(), 'the configuration stands there already');
    const withFiles = await offered('');
    for (const word of [...verbs, 'web.cf', 'a new one.cf']) assert.ok(withFiles.includes(word), word);
    assert.equal(await line('dr'), 'ldirectord drain ');
    assert.deepEqual(await offered('und'), ['undrain']);
    assert.equal(await line('web.cf und'), 'ldirectord web.cf undrain ');

    assert.deepEqual(await offered('--s'), ['--strict']);
    assert.equal(await line('--fore'), 'ldirectord --foreground ');
    assert.deepEqual(await offered('--backend '), ['auto', 'kernel', 'memory', 'userspace']);
    assert.deepEqual(await offered('drain -'), ofDrain);
    assert.equal(await line('drain --w'), 'ldirectord drain --wait ');
    assert.deepEqual(await offered('top '), ['--every', '--help'], 'it takes nothing else');
    assert.deepEqual(await offered('web.cf drain --timeout '), [], 'a time');
    assert.deepEqual(await offered('web.cf drain --virtual '), [], 'no server');
    assert.deepEqual(await offered('web.cf weight 10.0.0.1:80 5 --reason '), [], 'a text');

    assert.deepEqual(await offered('log-level '), ['debug', 'error', 'info', 'settings', 'warning']);
    assert.equal(await line('log-level d'), 'ldirectord log-level debug ');
    assert.equal(await line('completion z'), 'ldirectord completion zsh ');
    assert.deepEqual(await offered('help '), [...pages.map(({ topic }) => topic), ...verbs].toSorted());
    assert.equal(await line('help dia'), 'ldirectord help diagnostics ');
    assert.equal(await line('plan a'), 'ldirectord plan a\\ new\\ one.cf ');
    assert.equal(await line('plan bi'), 'ldirectord plan bin/');

    assert.deepEqual(await offered('web.cf drain '), [], 'nobody runs');
    assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
    assert.deepEqual(await offered('web.cf drain '), servers);
    assert.equal(await line('web.cf drain 1'), 'ldirectord web.cf drain 10.0.0.1:8');
    assert.equal(await line('web.cf drain 10.0.0.1:81'), 'ldirectord web.cf drain 10.0.0.1:81 ');
    assert.equal(
      await line('--backend memory web.cf weight --virtual 192.0.2.1:80 10.'),
      'ldirectord --backend memory web.cf weight --virtual 192.0.2.1:80 10.0.0.1:8',
    );
    const address = await line('web.cf explain [2001:db8::1]');
    assert.equal(address.replaceAll('\\', ''), 'ldirectord web.cf explain [2001:db8::1]:80 ');
    assert.deepEqual(await offered('web.cf drain 10.0.0.1:80 '), ofDrain, 'one server is all that it takes');
    assert.equal((await web.run('stop')).code, 0);
    assert.doesNotMatch(shown(), /\b(?:bash|zsh|_ldirectord):[\d ]/, 'the shell finds fault with nothing');
  });
}

test('zsh takes it from a file that is sourced, too', { skip: lacks('zsh') }, async (t) => {
  const file = join(await temporaryDirectory(t), 'completion.zsh');
  await writeFile(file, zshCompletion());
  const words = `autoload -Uz compinit && compinit -u -D && source '${file}' && print -r -- $_comps[ldirectord]`;
  const { stdout, stderr } = await run('zsh', ['-f', '-c', words], { timeout: 30_000 });
  assert.deepEqual([stdout, stderr], ['_ldirectord\n', '']);
});

test('both know every verb', () => {
  for (const { name } of verbTable) {
    assert.match(bashCompletion(), new RegExp(`^    ${name}\\) `, 'm'));
    assert.match(zshCompletion(), new RegExp(`^    '${name}:`, 'm'));
  }
});
