import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client, tally } from './inside/client.js';
import { eventually } from './inside/eventually.js';
import { buildNetwork, realAddresses, virtualAddress } from './inside/networks.js';
import { Peer } from './inside/peer.js';
import { savedRules } from './inside/table.js';
import { configure, ours, pidOf, reference, statusOf } from './inside/verbs.js';

const name = 'restart.cf';

function webService(): string {
  const reals = Object.values(realAddresses).map((address) => `\treal=${address}:80 masq\n`);
  return `checkinterval=1\nvirtual=${virtualAddress}:80\n${reals.join('')}\tservice=http\n`;
}

async function steadyClient(t: TestContext): Promise<Client> {
  await buildNetwork(t, 'nat');
  const [client] = await Promise.all([
    Client.start(t, 'client', `http://${virtualAddress}/`),
    Peer.start(t, 'rs1', 'web-server', 'rs1', '0.0.0.0'),
    Peer.start(t, 'rs2', 'web-server', 'rs2', '0.0.0.0'),
  ]);
  return client;
}

test('a restart, also of the reference into this program, fails no request though cleanstop is yes', async (t) => {
  const client = await steadyClient(t);
  await configure(name, webService());
  await statusOf(reference, name, 'start');
  t.after(() => statusOf(ours, name, 'stop'));
  await eventually('both servers stand', async () => (await savedRules()).length === 3);
  const rules = await savedRules();
  for (const what of ['from the reference', 'from this program']) {
    const before = await pidOf(name);
    const answers = await client.during(async () => {
      assert.equal(await statusOf(ours, name, 'restart'), 0);
    });
    t.diagnostic(`${what}: ${JSON.stringify(tally(answers))}`);
    assert.deepEqual(Object.keys(tally(answers)).toSorted(), ['rs1', 'rs2'], what);
    assert.notEqual(await pidOf(name), before);
    assert.deepEqual(await savedRules(), rules);
  }
});
