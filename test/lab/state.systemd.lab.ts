import assert from 'node:assert/strict';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { install } from '../../src/install/install.js';
import type { Status } from '../../src/status/model.js';
import { run } from './inside/command.js';
import { realAddresses, virtualAddress } from './inside/networks.js';
import { savedRules } from './inside/table.js';
import { assertRuns, fewManuals, file, unit } from './inside/unit.js';

const [first = '', second = ''] = Object.values(realAddresses).map((address) => `${address}:80`);
const state = '/var/lib/ldirectord';
const text = `virtual=${virtualAddress}:80\n\treal=${first} masq\n\treal=${second} masq\n\tchecktype=on\n`;

/** The machine goes down and comes up: nothing is left of what runs, nor of the table. */
async function reboot(): Promise<void> {
  await run('systemctl', 'kill', '--signal=KILL', unit).catch(() => {});
  await run('systemctl', 'stop', unit);
  for (const name of await readdir('/run')) {
    if (name.startsWith('ldirectord.')) await rm(`/run/${name}`);
  }
  await run('ipvsadm', '-C');
  await run('systemctl', 'start', unit);
  await assertRuns();
}

/** In milliseconds since 1970: of its state, and of what its checks say. */
async function sinceOf(server: string): Promise<readonly unknown[]> {
  const { virtuals } = JSON.parse(await run('ldirectord', 'list', '--json')) as Status;
  const found = virtuals[0]?.servers.find(({ name }) => name === server) ?? assert.fail();
  return [found.state, found.since, found.healthSince];
}

test('what people asked for, and since when it is so, survives a restart of the unit and a reboot', async (t) => {
  await fewManuals();
  await run('dpkg', '--remove', 'ldirectord');
  await install('/', () => {});
  assert.equal((await stat(state)).mode & 0o777, 0o700);
  await rm(state, { recursive: true });
  await writeFile(file, text);
  await run('systemctl', 'daemon-reload');
  t.after(() => run('systemctl', 'stop', unit));
  await run('systemctl', 'start', unit);
  await assertRuns();
  assert.equal((await stat(state)).mode & 0o777, 0o700, 'made by the manager');

  await run('ldirectord', 'drain', first, '--reason', 'a disk');
  const drained = await savedRules();
  assert.ok(drained.includes(`-a -t ${virtualAddress}:80 -r ${first} -m -w 0`), drained.join('\n'));
  assert.equal((await stat(`${state}/ldirectord.ldirectord.orders`)).mode & 0o777, 0o600);
  const since = await sinceOf(first);
  assert.equal(since[0], 'drained');
  await run('systemctl', 'restart', unit);
  assert.deepEqual(await savedRules(), drained);
  assert.deepEqual(await sinceOf(first), since);
  await reboot();
  assert.deepEqual(await savedRules(), drained);
  const listed = await run('ldirectord', 'list', first);
  assert.match(listed, /drained by hand by root \d+[smh] ago: a disk/, 'the unit hides nothing that is needed for it');
  assert.deepEqual(await sinceOf(first), since);
  assert.match(
    await run('ldirectord', 'events', '-n', '1000'),
    /terminated on signal: USR2[\s\S]*Starting Linux Director/,
  );

  // A daemon that leaves the unit goes on with what the unit's kept, and the other way round.
  await run('ldirectord', 'restart');
  await run('ldirectord', 'undrain', first);
  await run('ldirectord', 'drain', second);
  await run('ldirectord', 'stop');
  await run('systemctl', 'start', unit);
  await assertRuns();
  assert.match((await savedRules()).join('\n'), new RegExp(`-r ${second} -m -w 0`));
});
