/** The examples for several directors, read by the programs that they are for. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { appendFile, copyFile, readFile, writeFile } from 'node:fs/promises';
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

const noCorosync = lacks('corosync') || lacks('unshare') || (process.getuid?.() === 0 ? false : 'only root may');

test('corosync takes its file, as both directors', { skip: noCorosync }, async (t) => {
  const directory = await temporaryDirectory(t);
  const [file, key] = [join(directory, 'corosync.conf'), join(directory, 'authkey')];
  await writeFile(key, randomBytes(256), { mode: 0o400 });
  const text = await readFile(join(folder, 'pacemaker/corosync.conf'), 'utf8');
  const check = async (name: string, changed: string): Promise<unknown> => {
    await writeFile(file, `${changed}\ntotem {\n    keyfile: ${key}\n}\n`);
    return run('unshare', ['--uts', 'sh', '-ec', `hostname ${name}; exec corosync -t -c ${file}`], { timeout: 30_000 });
  };
  for (const name of ['lb1', 'lb2']) {
    await check(name, text);
    await assert.rejects(check(name, text.replace('aes256', 'rot13')));
  }
});

test('Pacemaker takes its file', { skip: lacks('crm') || lacks('crm_verify') }, async (t) => {
  const directory = await temporaryDirectory(t);
  const file = join(directory, 'cib.xml');
  const { stdout: empty } = await run('cibadmin', ['--empty'], { timeout: 30_000 });
  await writeFile(file, empty);
  const env = { ...process.env, CIB_file: file, HOME: directory };
  const load = ['-F', 'configure', 'load', 'update', join(folder, 'pacemaker/cluster.crm')];
  await run('crm', load, { env, timeout: 60_000 });
  await run('crm_verify', ['--xml-file', file], { env, timeout: 30_000 });
  const xml = await readFile(file, 'utf8');
  for (const id of ['directors', 'address', 'director-before-address', 'address-on-fittest-rule']) {
    assert.ok(xml.includes(`id="${id}"`), id);
  }
  // What the rule goes by is what the settings tell.
  const { settings } = await loadSettings(join(folder, 'pacemaker/ldirectord.cf'));
  assert.ok(xml.includes(`score-attribute="${settings.role.fitnessAttribute}"`));
});
