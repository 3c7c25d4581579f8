import assert from 'node:assert/strict';
import { chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bringState, stateDirectory, statePath } from '../../src/process/state-directory.js';
import { temporaryDirectory } from '../helpers/temporary-directory.js';

test('the directory of the unit, or the system’s where it is there and ours, or that of the pid files', async (t) => {
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'file');
  await writeFile(file, '');
  const others = join(folder, 'others');
  await mkdir(others);
  const isRoot = process.geteuid?.() === 0;
  // Only root can give files away.
  if (isRoot) await chown(others, 1234, 1234);
  const cases: readonly (readonly [environment: NodeJS.ProcessEnv, system: string, found: string])[] = [
    [{ STATE_DIRECTORY: '/var/lib/ldirectord' }, folder, '/var/lib/ldirectord'],
    [{ STATE_DIRECTORY: '/data/ldirectord', LDIRECTORD_RUN_DIR: '/tmp/x' }, folder, '/data/ldirectord'],
    [{ STATE_DIRECTORY: '/var/lib/others:/var/lib/ldirectord' }, folder, '/var/lib/ldirectord'],
    [{ STATE_DIRECTORY: '/var/lib/pacemaker' }, folder, folder],
    [{ STATE_DIRECTORY: '' }, folder, folder],
    [{}, folder, folder],
    [{ LDIRECTORD_RUN_DIR: '/tmp/x' }, folder, '/tmp/x'],
    [{}, join(folder, 'nowhere'), '/var/run'],
    [{}, file, '/var/run'],
    [{}, others, isRoot ? '/var/run' : others],
  ];
  for (const [environment, system, found] of cases) {
    assert.equal(await stateDirectory(environment, system), found, JSON.stringify(environment));
  }
  const environment = { STATE_DIRECTORY: '/data/ldirectord' };
  assert.equal(await statePath('web.cf', 'orders', environment), '/data/ldirectord/ldirectord.web.cf.orders');
});

test('what was kept beside the pid file is brought over once, and what is newer stays', async (t) => {
  const folder = await temporaryDirectory(t);
  const [run, state] = [join(folder, 'run'), join(folder, 'ldirectord')];
  await Promise.all([mkdir(run), mkdir(state)]);
  const environment = { LDIRECTORD_RUN_DIR: run, STATE_DIRECTORY: state };
  await writeFile(join(run, 'ldirectord.web.cf.orders'), 'of before');
  await writeFile(join(run, 'ldirectord.other.cf.orders'), 'another’s');
  assert.deepEqual(await bringState('web.cf', environment), []);
  const orders = join(state, 'ldirectord.web.cf.orders');
  assert.equal(await readFile(orders, 'utf8'), 'of before');
  assert.equal((await stat(orders)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(run), ['ldirectord.other.cf.orders']);

  await writeFile(join(run, 'ldirectord.web.cf.orders'), 'of a stranger');
  assert.deepEqual(await bringState('web.cf', environment), []);
  assert.equal(await readFile(orders, 'utf8'), 'of before');
  assert.deepEqual(await bringState('web.cf', { LDIRECTORD_RUN_DIR: run }), []);
});

test('what cannot be brought over stays where it is, and is told', async (t) => {
  const run = await temporaryDirectory(t);
  const path = join(run, 'ldirectord.web.cf.orders');
  await writeFile(path, 'of before');
  const environment = { LDIRECTORD_RUN_DIR: run, STATE_DIRECTORY: join(run, 'nowhere/ldirectord') };
  const [fault, ...others] = await bringState('web.cf', environment);
  assert.match(fault ?? '', /ldirectord\.web\.cf\.orders does not count, and cannot be moved to .*nowhere.*ENOENT/);
  assert.deepEqual(others, []);
  assert.equal(await readFile(path, 'utf8'), 'of before');
});
