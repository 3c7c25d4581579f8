import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { bashCompletion, zshCompletion } from '../../src/verbs/completion.js';
import { verbTable } from '../../src/verbs/table.js';
import { Instances } from '../helpers/instance.js';
import { cli } from '../helpers/process.js';
import { lacks } from '../helpers/programs.js';

const run = promisify(execFile);

/** What bash offers behind these words, with a program of ours in the path. */
async function offered(t: TestContext) {
  const instances = await Instances.open(t);
  const web = await instances.create('web.cf', 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\n');
  const bin = join(instances.folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'ldirectord'), `#!/bin/sh\nexec ${process.execPath} ${cli} "$@"\n`, { mode: 0o755 });
  const script = join(instances.folder, 'completion.bash');
  await writeFile(script, bashCompletion());
  const env = { ...instances.environment, PATH: `${bin}:${process.env['PATH']}` };
  const complete = async (...words: string[]): Promise<string[]> => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const line = `source ${script}; COMP_WORDS=(ldirectord ${list}); COMP_CWORD=${words.length}; _ldirectord; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await run('bash', ['--norc', '-c', line], { env, timeout: 30_000 });
    return stdout.split('\n').filter((word) => word !== '');
  };
  return { web, complete };
}

test('bash completes verbs, options and the servers of the daemon that runs', { skip: lacks('bash') }, async (t) => {
  const { web, complete } = await offered(t);
  assert.deepEqual(await complete('dr'), ['drain']);
  assert.deepEqual(await complete('--str'), ['--strict']);
  assert.deepEqual(await complete('drain', '--'), ['--help', '--virtual', '--wait', '--timeout']);
  assert.deepEqual(await complete('log-level', 'd'), ['debug']);
  assert.deepEqual(await complete(web.file, 'drain', ''), [], 'nobody runs');
  assert.equal((await web.run('start', '--backend', 'memory')).code, 0);
  assert.deepEqual(await complete(web.file, 'drain', ''), ['10.0.0.1:80']);
  assert.deepEqual(await complete('--backend', 'memory', web.file, 'weight', '10.'), ['10.0.0.1:80']);
  assert.equal((await web.run('stop')).code, 0);
});

test('zsh takes what is made for it', { skip: lacks('zsh') }, async () => {
  await run('zsh', ['-n', '-c', zshCompletion()], { timeout: 30_000 });
});

test('both know every verb', () => {
  for (const { name } of verbTable) {
    assert.match(bashCompletion(), new RegExp(`^    ${name}\\) `, 'm'));
    assert.match(zshCompletion(), new RegExp(`^    '${name}:`, 'm'));
  }
});
