import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Recorded } from '../../src/status/chronicle.js';
import type { Status } from '../../src/status/model.js';
import { until } from '../helpers/deadline.js';
import { type Instance, Instances } from '../helpers/instance.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

const text =
  'virtual=127.0.0.1:18080\n\treal=127.0.0.1:18081 masq\n\treal=127.0.0.1:18082 masq\n\tchecktype=on\n\tprotocol=udp\n\tservice=none\n';

/** An instance whose state is kept apart from its pid file, as with the units. */
async function rebootable(t: TestContext) {
  const state = join(await temporaryDirectory(t), 'ldirectord');
  await mkdir(state, { mode: 0o700 });
  const instances = await Instances.open(t);
  instances.environment['STATE_DIRECTORY'] = state;
  const instance = await instances.create('web.cf', text);
  /** What a machine that loses power leaves. */
  const reboot = async (): Promise<void> => {
    process.kill((await instance.pid()) ?? assert.fail(), 'SIGKILL');
    const run = (await readdir(instances.folder)).filter((name) => name.startsWith('ldirectord.web.cf.'));
    for (const name of run) await rm(join(instances.folder, name));
    assert.equal((await instance.run('start')).code, 0);
  };
  assert.equal((await instance.run('start')).code, 0);
  return { instance, instances, state, reboot };
}

test('a drain survives a reboot', async (t) => {
  const { instance, state, reboot } = await rebootable(t);
  assert.equal((await instance.ask('drain', '127.0.0.1:18081', '--force')).code, 0);
  await reboot();
  assert.match((await instance.ask('list')).stdout, /127\.0\.0\.1:18081 +drained .* drained by hand/);
  assert.ok((await readdir(state)).includes('ldirectord.web.cf.orders'));
});

/** Of the server, in milliseconds since 1970. */
async function sinceOf(instance: Instance): Promise<readonly unknown[]> {
  const { stdout } = await instance.ask('list', '--json');
  const { virtuals } = JSON.parse(stdout) as Status;
  const { state, since, healthSince } = virtuals[0]?.servers[0] ?? assert.fail(stdout);
  return [state, since, healthSince];
}

async function eventsOf(instance: Instance): Promise<readonly Recorded[]> {
  const { stdout } = await instance.ask('events', '-n', '1000', '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
}

test('since when, and what happened, is known after a restart and a reboot, numbered on', async (t) => {
  const { instance, state, reboot } = await rebootable(t);
  assert.equal((await instance.ask('drain', '127.0.0.1:18081', '--force')).code, 0);
  const drained = await sinceOf(instance);
  assert.equal(drained[0], 'drained');
  const before = await eventsOf(instance);
  assert.equal(before[0]?.event.type, 'started');

  assert.equal((await instance.run('restart')).code, 0);
  assert.deepEqual(await sinceOf(instance), drained);
  const after = await eventsOf(instance);
  assert.deepEqual(after.slice(0, before.length), before);
  assert.deepEqual(
    after.map(({ number }) => number),
    after.map((_, index) => index + 1),
  );
  const types = after.slice(before.length).map(({ event }) => event.type);
  assert.ok(types.indexOf('terminated') >= 0 && types.indexOf('terminated') < types.indexOf('started'), types.join());

  const events = join(state, 'ldirectord.web.cf.events');
  const last = after.at(-1)?.number ?? 0;
  await until('it is written', async () => (await readFile(events, 'utf8')).includes(`\n[${last},`));
  await reboot();
  assert.deepEqual(await sinceOf(instance), drained);
  assert.deepEqual((await eventsOf(instance)).slice(0, after.length), after);
});

test('files that are damaged, newer or huge are told and left aside, and a start is a start', async (t) => {
  const { instance, state, reboot } = await rebootable(t);
  const path = (name: string) => join(state, `ldirectord.web.cf.${name}`);
  await until('all are there', async () => (await readdir(state)).includes('ldirectord.web.cf.history'));
  process.kill((await instance.pid()) ?? assert.fail(), 'SIGSTOP');
  await writeFile(path('events'), '{"ldirectord":"events","format":2}\n');
  await writeFile(path('since'), Buffer.alloc(4096));
  await truncate(path('history'), 10 * 1024 ** 3);
  await reboot();
  for (const name of ['events', 'since', 'history']) {
    await instance.logged(new RegExp(`What happened before is lost: .*${name}: .*; it is .*${name}\\.bad now`));
  }
  assert.equal((await instance.ask('drain', '127.0.0.1:18081', '--force')).code, 0);
  assert.equal((await instance.log()).match(/What happened before is lost/g)?.length, 3);
});

test('a directory that nobody may write to is told once, and the daemon does its work', async (t) => {
  const instances = await Instances.open(t);
  instances.environment['STATE_DIRECTORY'] = '/proc/self/nowhere/ldirectord';
  const instance = await instances.create('web.cf', text);
  assert.equal((await instance.run('start')).code, 0);
  await instance.logged(
    /What happened before is lost: a restart will not know it: \/proc\/self\/nowhere\/ldirectord: ENOENT/,
  );
  const { code, stderr } = await instance.ask('drain', '127.0.0.1:18081', '--force');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /a restart will forget it: ENOENT/);
  assert.match((await instance.ask('list')).stdout, /18081 +drained /);
  assert.equal((await instance.log()).match(/What happened before is lost/g)?.length, 1);
  assert.equal((await instance.run('stop')).code, 0);
});
