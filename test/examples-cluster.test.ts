/** The examples for several directors, read by the programs that they are for. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { loadSettings } from '../src/config/settings/settings.js';
import { readConfiguration } from '../src/reload/read.js';
import { lacks } from './helpers/programs.js';
import { repository } from './helpers/repository.js';
import { temporaryDirectory } from './helpers/temporary-directory.js';

const run = promisify(execFile);
const folder = `${repository}examples/cluster`;
const examples = readdirSync(folder);

for (const example of examples) {
  const configuration = join(folder, example, 'ldirectord.cf');

  test(`${example}: our files load without a word`, { skip: !existsSync(configuration) && 'it has none' }, async () => {
    const { config, diagnostics } = await readConfiguration(configuration, { strict: false });
    assert.deepEqual(diagnostics, []);
    assert.ok(config && config.virtuals.length > 0);
    const settings = await loadSettings(configuration);
    assert.deepEqual(settings.diagnostics, []);
    assert.notEqual(settings.text, '');
  });

  test(`${example}: its page names each of its files`, async () => {
    const page = await readFile(join(folder, example, 'README.md'), 'utf8');
    for (const name of readdirSync(join(folder, example))) {
      if (name !== 'README.md') assert.ok(page.includes(`](${name}`), name);
    }
  });
}

test('BIRD takes its files', { skip: lacks('bird') }, async (t) => {
  for (const file of ['bird/bird.conf', 'bird/router.conf', 'exabgp/router.conf']) {
    assert.deepEqual(await complaints('bird', '-p', '-c', join(folder, file)), [], file);
  }
  const file = join(await temporaryDirectory(t), 'bird.conf');
  await copyFile(join(folder, 'bird/bird.conf'), file);
  await appendFile(file, 'nonsense;\n');
  assert.notDeepEqual(await complaints('bird', '-p', '-c', file), []);
});

test('FRR takes its files', { skip: lacks('vtysh') }, async (t) => {
  for (const file of ['frr/lb1.conf', 'frr/lb2.conf', 'frr/router.conf']) {
    assert.deepEqual(await complaints('vtysh', '-C', '-f', join(folder, file)), [], file);
  }
  const file = join(await temporaryDirectory(t), 'frr.conf');
  await copyFile(join(folder, 'frr/lb1.conf'), file);
  await appendFile(file, 'nonsense\n');
  assert.notDeepEqual(await complaints('vtysh', '-C', '-f', file), []);
});

test('ExaBGP takes its files', { skip: lacks('exabgp') }, async (t) => {
  const validate = (file: string) => run('exabgp', ['--validate', file], { timeout: 30_000 });
  for (const file of ['exabgp/lb1.conf', 'exabgp/lb2.conf']) await validate(join(folder, file));
  const file = join(await temporaryDirectory(t), 'exabgp.conf');
  await copyFile(join(folder, 'exabgp/lb1.conf'), file);
  await appendFile(file, 'nonsense {\n}\n');
  await assert.rejects(validate(file));
});

/** What is said that is not about interfaces, which are the directors' own. */
async function complaints(program: string, ...args: string[]): Promise<string[]> {
  const told = await run(program, args, { timeout: 30_000 }).catch(
    (error: { stdout?: string; stderr?: string }) => error,
  );
  const lines = `${told.stdout ?? ''}\n${told.stderr ?? ''}`.split('\n');
  return lines.filter((line) => line !== '' && !/interface eth\d .*doesn't exist|Non-existent interface/.test(line));
}

test('keepalived takes its file, as both directors', { skip: lacks('keepalived') }, async (t) => {
  const file = join(await temporaryDirectory(t), 'keepalived.conf');
  await copyFile(join(folder, 'keepalived/keepalived.conf'), file);
  for (const name of ['lb1', 'lb2']) {
    assert.deepEqual(await complaints('keepalived', '--config-test', '-i', name, '-f', file), [], name);
  }
  await appendFile(file, 'nonsense {\n}\n');
  assert.notDeepEqual(await complaints('keepalived', '--config-test', '-f', file), []);
});
