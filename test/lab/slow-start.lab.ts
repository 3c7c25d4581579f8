/** What a server that comes back is given in its first second by a scheduler that counts connections. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';
import { ask } from './inside/verbs.js';

const ports = [8001, 8002, 8003, 8004, 8005];
/** New connections in a second. */
const pace = 200;

interface Told {
  /** When those that were served came, and by whom they were. */
  readonly served: readonly (readonly [came: number, by: string])[];
  readonly failed: number;
}

/** The share of one of ten servers in the second after its first connection, when it has been away. */
async function shareOnReturn(t: TestContext, slowstart: number): Promise<number> {
  await buildNetwork(t, 'nat');
  const start = (name: 'rs1' | 'rs2') => Peer.start(t, name, 'greeter', name, ...ports.map(String));
  const [first] = await Promise.all([start('rs1'), start('rs2')]);
  const folder = await temporaryDirectory(t);
  const file = join(folder, 'lab.cf');
  const reals = Object.values(realAddresses).flatMap((address) =>
    ports.map((port) => `real=${address}:${port} masq 100`),
  );
  const lines = [...reals, 'checktype=connect', 'scheduler=wlc', `slowstart=${slowstart}`];
  const section = lines.map((line) => `\t${line}\n`).join('');
  await writeFile(file, `logfile="${folder}/log"\ncheckinterval=1\nvirtual=${virtualAddress}:80\n${section}`);
  assert.equal((await ask(folder, file, 'start')).code, 0);
  try {
    return await share(t, first, slowstart);
  } finally {
    // Not after the test: its folder goes first then, and the daemon goes on in the table of the next.
    assert.equal((await ask(folder, file, 'stop')).code, 0);
  }
}

/** Of that one, from when it dies. */
async function share(t: TestContext, first: Peer, slowstart: number): Promise<number> {
  const stand = (count: number) =>
    eventually(`${count} servers stand`, async () => (await savedRules()).length === count + 1);

  await stand(10);
  const crowd = await Peer.start(t, 'client', 'crowd', virtualAddress, '80', String(pace));
  const told = async (): Promise<Told> => (await crowd.ask('tell')) as Told;
  await crowd.ask('come');
  await eventually('all have clients', async () => (await told()).served.length > 400);
  await first.ask({ dies: 8001 });
  await stand(9);
  const before = Date.now();
  await first.ask({ rises: 8001 });
  await stand(10);
  const back = async (): Promise<readonly number[]> =>
    (await told()).served.flatMap(([came, by]) => (came > before && by === 'rs1:8001' ? came : []));
  await eventually('it is back', async () => (await back()).length > 0);
  const since = Math.min(...(await back()));
  const firstSecond = async () => (await told()).served.filter(([came]) => came >= since && came < since + 1_000);
  await eventually('a second has passed', () => Date.now() > since + 1_000);
  await crowd.ask('stop');
  let within = await firstSecond();
  // Those that came in it are all served some time later.
  await eventually('nobody waits any more', async () => {
    const before = within.length;
    await sleep(500);
    within = await firstSecond();
    return within.length === before;
  });
  const own = within.filter(([, by]) => by === 'rs1:8001').length;
  t.diagnostic(`slowstart=${slowstart}: ${own} of ${within.length} connections in the first second`);
  assert.ok(within.length > 20, `${within.length} connections in a second`);
  return own / within.length;
}

test('under wlc a server that comes back gets all until it has as many as the others, and with slow start little', async (t) => {
  const shares = new Map<number, number>();
  for (const slowstart of [0, 20]) {
    await t.test(`slowstart=${slowstart}`, async (t) => {
      shares.set(slowstart, await shareOnReturn(t, slowstart));
    });
  }
  const [without = 0, within = 1] = [shares.get(0), shares.get(20)];
  assert.ok(within < without / 2, `${within} with, ${without} without`);
});
