/** A director between a client and its real servers, in the three classic networks. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../helpers/temporary-directory.js';
import { type Answer, Client, tally } from './inside/client.js';
import { run } from './inside/command.js';
import { startOurs } from './inside/controllers.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, type Method, type RealName, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { hexadecimal, weights } from './inside/table.js';

const forwarding = { nat: 'masq', dr: 'gate', tun: 'ipip' } as const;
const virtual = `TCP ${hexadecimal(`${virtualAddress}:80`)}`;

/** As it stands in the kernel, by the server's name. */
function weightOf(name: RealName): number | undefined {
  return weights()
    .get(virtual)
    ?.get(hexadecimal(`${realAddresses[name]}:80`));
}

function stands(server: string): boolean {
  return weights().get(virtual)?.has(hexadecimal(server)) === true;
}

/** Answers at the virtual address, where the table sends a client to the director itself. */
async function sorryServer(t: TestContext): Promise<void> {
  const server = createServer((_, response) => response.end('sorry'));
  server.listen(80, '0.0.0.0');
  await once(server, 'listening');
  t.after(() => server.close());
}

async function setUp(t: TestContext, method: Method, globals = '') {
  await buildNetwork(t, method);
  const [rs1, rs2, client] = await Promise.all([
    Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
    Client.start(t, 'client', `http://${virtualAddress}/`),
    sorryServer(t),
  ]);
  const file = join(await temporaryDirectory(t), `${method}.cf`);
  const forward = forwarding[method];
  await writeFile(
    file,
    `checkinterval=1
checktimeout=3
${globals}virtual=${virtualAddress}:80
	real=${realAddresses.rs1}:80 ${forward} 3
	real=${realAddresses.rs2}:80 ${forward} 1
	fallback=127.0.0.1:80 gate
	service=http
	request="/alive"
	scheduler=wrr
`,
  );
  t.after(() => run('ipvsadm', '-C'));
  const ours = await startOurs(t, file);
  await eventually('both stand', () => weightOf('rs1') === 3 && weightOf('rs2') === 1);
  return { client, rs1, rs2, ours };
}

/** Fails where a request that began after this moment failed, or was answered by somebody else. */
function assertAfter(moment: number, answers: readonly Answer[], from: string): void {
  const later = answers.filter(({ started }) => started > moment);
  assert.ok(later.length > 0);
  assert.deepEqual(Object.keys(tally(later)), [from]);
}

/** Time for the stream to go on. */
const while_ = 300;

for (const method of ['nat', 'dr', 'tun'] as const) {
  test(`${method}: balanced by weight; who dies costs requests until its check; then the sorry server`, async (t) => {
    const { client, rs1, rs2, ours } = await setUp(t, method);
    // Twice around: in whatever order the scheduler begins, three to one.
    assert.deepEqual(tally(await client.ask(8)), { rs1: 6, rs2: 2 });

    let out = 0;
    const whileOneDies = await client.during(async () => {
      await sleep(while_);
      await rs1.kill();
      await eventually('rs1 is out', () => weightOf('rs1') === undefined);
      out = Date.now();
      await sleep(while_);
    });
    assertAfter(out, whileOneDies, 'rs2');
    await eventually('it says so', () => ours.text.includes(`Deleted real server: ${realAddresses.rs1}:80 `));

    const whileTheLastDies = await client.during(async () => {
      await sleep(while_);
      await rs2.kill();
      await eventually('rs2 is out', () => weightOf('rs2') === undefined);
      out = Date.now();
      await sleep(while_);
    });
    assertAfter(out, whileTheLastDies, 'sorry');

    await Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0');
    await eventually('rs1 is back', () => weightOf('rs1') === 3);
    // It comes in before the other goes, so that nobody finds the service empty.
    await eventually('the sorry server is out', () => !stands('127.0.0.1:80'));
    assert.deepEqual(tally(await client.ask(4)), { rs1: 4 });
  });
}

test('quiescent: connections that stand live on, new ones go elsewhere', async (t) => {
  const { client, rs1, rs2 } = await setUp(t, 'nat', 'quiescent=yes\n');
  const peers = { rs1, rs2 };
  const { from } = await client.hold();
  assert.ok(from === 'rs1' || from === 'rs2');
  const other = from === 'rs1' ? 'rs2' : 'rs1';
  await peers[from].ask({ sick: ['0.0.0.0'] });
  await eventually(`${from} is quiescent`, () => weightOf(from) === 0);
  assert.deepEqual(tally(await client.ask(4)), { [other]: 4 });
  const again = await client.hold();
  assert.deepEqual({ from: again.from, reused: again.reused }, { from, reused: true });
});
