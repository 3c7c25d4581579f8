/** Checked fallbacks in a real table: who answers a client while they die one after another, and return. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { Client, tally } from './inside/client.js';
import { startOurs } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, type RealName, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { hexadecimal, weights } from './inside/table.js';

const virtual = `TCP ${hexadecimal(`${virtualAddress}:80`)}`;

/** Who stands in the kernel's table, by name. */
function standing(): string {
  const found = weights().get(virtual) ?? new Map();
  const names = (Object.keys(realAddresses) as RealName[]).filter((name) =>
    found.has(hexadecimal(`${realAddresses[name]}:80`)),
  );
  return `${names.join(', ')}${found.size > names.length ? ' and others' : ''}`;
}

test('clients get the first fallback that is up, and are refused where none is', async (t) => {
  await buildNetwork(t, 'nat');
  const { rs1, rs2 } = realAddresses;
  const peers = [
    await Peer.start(t, 'rs1', 'web-server', 'rs1', rs1),
    await Peer.start(t, 'rs2', 'web-server', 'rs2', rs2),
  ];
  const sick = async (...names: RealName[]): Promise<void> => {
    for (const peer of peers) await peer.ask({ sick: names.map((name) => realAddresses[name]) });
  };
  const client = await Client.start(t, 'client', `http://${virtualAddress}/`);
  const file = join(await temporaryDirectory(t), 'fallback.cf');
  await writeFile(
    file,
    `checkinterval=1
checktimeout=15
virtual=${virtualAddress}:80
	real=127.0.0.1:9 masq
	fallback=${rs1}:80 masq
	fallback=${rs2}:80 masq
	fallbackcheck=yes
	service=http
	request="/alive"
`,
  );
  await startOurs(t, file);
  await eventually('the first stands alone', () => standing() === 'rs1');
  assert.deepEqual(tally(await client.ask(5)), { rs1: 5 });

  // Whoever asks on the way is answered by one of them. Who was being answered when the first one left the table is
  // not: the kernel drops what comes for a connection whose server is gone.
  let switched = 0;
  const answers = await client.during(async () => {
    await sick('rs1');
    await eventually('the second stands alone', () => standing() === 'rs2');
    switched = Date.now();
  });
  const lost = answers.filter(({ from }) => from === null);
  assert.ok(
    lost.every(({ started }) => started <= switched),
    JSON.stringify(lost),
  );
  assert.ok(lost.length <= 1, JSON.stringify(lost));
  assert.deepEqual(tally(await client.ask(5)), { rs2: 5 });

  await sick('rs1', 'rs2');
  await eventually('nobody stands', () => weights().has(virtual) && standing() === '');
  const [refused] = await client.ask(1);
  assert.match(refused?.error ?? '', /ECONNREFUSED/);

  await sick('rs2');
  await eventually('the first is back', () => standing() === 'rs1');
  assert.deepEqual(tally(await client.ask(5)), { rs1: 5 });
});
