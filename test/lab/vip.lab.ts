/** The virtual address put on the director by `vip`, beside the kernel's table, as a client in its network sees it. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, tally } from './inside/client.js';
import { ip, run, runIn } from './inside/command.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';
import { configure, ours, statusOf } from './inside/verbs.js';

const name = 'vip.cf';
/** Time for the stream to go on. */
const while_ = 500;

function webService(vip: string, globals = ''): string {
  const reals = Object.values(realAddresses).map((address) => `\treal=${address}:80 masq\n`);
  return `checkinterval=1\n${globals}vip=${vip}\nvirtual=${virtualAddress}:80\n${reals.join('')}\tservice=http\n`;
}

async function standsOn(device: string): Promise<boolean> {
  return (await run('ip', '-o', '-4', 'addr', 'show', 'dev', device)).includes(` ${virtualAddress}/32 `);
}

/** Where the client believes the virtual address to be. */
async function believed(): Promise<string> {
  return runIn('client', 'ip', 'neigh', 'show', virtualAddress);
}

/** The network without the virtual address, which the client has in mind at another machine. */
async function setUp(t: TestContext): Promise<Client> {
  await buildNetwork(t, 'nat');
  await ip(`addr del ${virtualAddress}/32 dev front\n`);
  await ip(`neigh replace ${virtualAddress} lladdr 02:00:00:00:00:99 dev eth0 nud reachable\n`, 'client');
  const [client] = await Promise.all([
    Client.start(t, 'client', `http://${virtualAddress}/`),
    Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
  ]);
  t.after(() => statusOf(ours, name, 'stop'));
  return client;
}

test('a client that had another machine in mind is served; moves, restarts and stops', async (t) => {
  const client = await setUp(t);
  await configure(name, webService('front front:0'));
  assert.equal(await statusOf(ours, name, 'start'), 0);
  assert.ok(await standsOn('front'));
  assert.match(await run('ip', '-o', '-4', 'addr', 'show', 'dev', 'front'), /front:0/);
  const [, hardware = ''] = /link\/ether (\S+)/.exec(await run('ip', 'link', 'show', 'dev', 'front')) ?? [];
  await eventually('the client knows', async () => (await believed()).includes(hardware));
  await eventually('both servers stand', async () => (await savedRules()).length === 3);
  assert.deepEqual(tally(await client.ask(4)), { rs1: 2, rs2: 2 });

  // Of those that a steady client asks while it moves to another device, and while the daemon is another, none fails.
  const answers = await client.during(async () => {
    await sleep(while_);
    await configure(name, webService('lo'));
    assert.equal(await statusOf(ours, name, 'reload'), 0);
    assert.deepEqual([await standsOn('front'), await standsOn('lo')], [false, true]);
    await sleep(while_);
    assert.equal(await statusOf(ours, name, 'restart'), 0);
    await configure(name, webService('front'));
    assert.equal(await statusOf(ours, name, 'reload'), 0);
    assert.deepEqual([await standsOn('front'), await standsOn('lo')], [true, false]);
    await sleep(while_);
  });
  t.diagnostic(`${answers.length} requests`);
  assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2']);

  await run('ip', 'addr', 'del', `${virtualAddress}/32`, 'dev', 'front');
  await eventually('it is back', () => standsOn('front'));
  await configure(name, webService('front', 'cleanstop=no\n'));
  assert.equal(await statusOf(ours, name, 'reload'), 0);
  assert.equal(await statusOf(ours, name, 'stop'), 0);
  assert.ok(await standsOn('front'));
  assert.deepEqual(tally(await client.ask(4)), { rs1: 2, rs2: 2 });
  await configure(name, webService('front'));
  assert.equal(await statusOf(ours, name, 'start'), 0);
  assert.equal(await statusOf(ours, name, 'stop'), 0);
  assert.ok(!(await standsOn('front')));
  assert.deepEqual(await savedRules(), []);
});
