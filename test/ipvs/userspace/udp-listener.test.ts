import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { destinationKey, serviceKey } from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import type { Limits } from '../../../src/ipvs/userspace/limits.js';
import { until } from '../../helpers/deadline.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { building, carryOut, destinationAt, type Settings, serviceAt } from '../conformance/fixture.js';

async function balancing(t: TestContext, limits: Partial<Limits>, settings: Settings = {}) {
  const backend = new UserspaceBackend(limits);
  t.after(() => backend.close());
  const seen: number[] = [];
  const peer = async (...args: Parameters<typeof startUdpPeer>) => {
    const started = await startUdpPeer(...args);
    t.after(() => started.close());
    return started;
  };
  const server = await peer('127.0.0.1', (text, from) => {
    seen.push(from.port);
    return text;
  });
  const service = await serviceAt('127.0.0.1', 'udp', settings);
  const destination = destinationAt(server);
  await carryOut(backend, ...building(service, [destination]));
  const flows = async () => {
    const entry = (await backend.read()).get(serviceKey(service));
    return entry?.destinations.get(destinationKey(destination))?.inactiveConnections;
  };
  const ask = async (from: Awaited<ReturnType<typeof peer>>) => {
    from.socket.send('x', service.port, '127.0.0.1');
    return from.receive();
  };
  return { backend, service, seen, peer, flows, ask };
}

test('an idle flow is forgotten, and the client gets another', async (t) => {
  const { seen, peer, flows, ask } = await balancing(t, { udpIdle: 500 });
  const client = await peer();
  await ask(client);
  await until('the flow is gone', async () => (await flows()) === 0);
  await ask(client);
  assert.equal(new Set(seen).size, 2);
});

test('with one-packet scheduling a flow is used again for the same destination', async (t) => {
  const { seen, peer, flows, ask } = await balancing(t, {}, { ops: true });
  const client = await peer();
  for (let index = 0; index < 5; index++) await ask(client);
  assert.equal(new Set(seen).size, 1);
  assert.equal(await flows(), 1);
});

test('with one-packet scheduling the time of a flow is its own', async (t) => {
  const { peer, flows, ask } = await balancing(t, { opsIdle: 500 }, { ops: true });
  await ask(await peer());
  await until('the flow is gone', async () => (await flows()) === 0);
});

test('at the bound the flow unused for longest makes room', async (t) => {
  const { seen, peer, flows, ask } = await balancing(t, { maxFlows: 3 });
  const [first, second, third, fourth] = [await peer(), await peer(), await peer(), await peer()];
  for (const client of [first, second, third, first, fourth]) await ask(client);
  assert.equal(await flows(), 3);
  const before = new Set(seen).size;
  for (const client of [first, third, fourth]) await ask(client);
  assert.equal(new Set(seen).size, before);
  await ask(second);
  assert.equal(new Set(seen).size, before + 1);
});

test('a destination that no socket can reach costs its datagrams alone', async (t) => {
  const { backend, service, peer } = await balancing(t, {}, { scheduler: 'rr' });
  // Connecting to the broadcast address is refused by the system itself.
  const unreachable = destinationAt({ address: '255.255.255.255', port: 9 });
  await carryOut(backend, { type: 'add-destination', service, destination: unreachable });
  const clients = [await peer(), await peer(), await peer(), await peer()];
  for (const client of clients) client.socket.send('x', service.port, '127.0.0.1');
  // Every other one; before the second of them at least one has met the other destination.
  await until('two have their answers', () => clients.filter(({ waiting }) => waiting).length === 2);
  await until('no flow to the other destination stands', async () => {
    const entry = (await backend.read()).get(serviceKey(service));
    return entry?.destinations.get(destinationKey(unreachable))?.inactiveConnections === 0;
  });
});
