import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { destinationKey, serviceKey } from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import type { Limits } from '../../../src/ipvs/userspace/limits.js';
import { until } from '../../helpers/deadline.js';
import { lower } from '../../helpers/resource-limits.js';
import { startUdpPeer, type UdpPeer } from '../../helpers/udp-server.js';
import { building, carryOut, destinationAt, type Settings, serviceAt } from '../conformance/fixture.js';

async function balancing(t: TestContext, limits: Partial<Limits>, settings: Settings = {}) {
  const backend = new UserspaceBackend({ limits });
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
  // Connecting to an address on a link that is not there is refused by the system itself.
  const unreachable = destinationAt({ address: 'fe80::1%none', port: 9 });
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

test('a moment without descriptors costs a client what it sent then, and nothing more', async (t) => {
  const { peer, ask, service } = await balancing(t, {});
  const [first, other] = [await peer(), await peer()];
  await ask(other);
  const giveBack = lower('descriptors', 0);
  try {
    first.socket.send('lost', service.port, '127.0.0.1');
    // Datagrams are taken in order: when this one is answered the one before has been dealt with.
    await ask(other);
  } finally {
    giveBack();
  }
  assert.equal(first.waiting, false);
  assert.equal(await ask(first), 'x');
});

interface Serving {
  readonly peer: UdpPeer;
  /** Datagrams that it has got. */
  got: number;
  mute: boolean;
}

/** A service with two servers that answer with their names, and a client that one of them serves. */
async function served(t: TestContext, limits: Partial<Limits>) {
  const backend = new UserspaceBackend({ limits });
  t.after(() => backend.close());
  const servers = new Map<string, Serving>();
  for (const name of ['a', 'b']) {
    const peer = await startUdpPeer('127.0.0.1', () => {
      const server = servers.get(name);
      if (server) server.got++;
      return server?.mute ? null : name;
    });
    servers.set(name, { peer, got: 0, mute: false });
  }
  const service = await serviceAt('127.0.0.1', 'udp', { scheduler: 'rr' });
  const destinations = [...servers.values()].map(({ peer }) => destinationAt(peer));
  await carryOut(backend, ...building(service, destinations));
  const client = await startUdpPeer();
  t.after(() => client.close());
  const send = () => client.socket.send('x', service.port, '127.0.0.1');
  send();
  const name = await client.receive();
  const other = name === 'a' ? 'b' : 'a';
  const [own, another] = [servers.get(name), servers.get(other)];
  assert.ok(own && another);
  t.after(() => Promise.all([own.peer.close().catch(() => {}), another.peer.close()]));
  const weigh = (weight: number) => {
    const destination = destinationAt(own.peer, { weight });
    return carryOut(backend, { type: 'edit-destination', service, destination });
  };
  const removeOther = () =>
    carryOut(backend, { type: 'delete-destination', service, destination: destinationAt(another.peer) });
  /** Asks as a client does that keeps its port and asks again, until somebody answers. */
  const answer = async () => {
    await until('there is an answer', () => {
      send();
      return client.waiting;
    });
    return client.receive();
  };
  /** Sends so many datagrams that the client's server takes without an answer. */
  const waste = async (count: number) => {
    own.mute = true;
    const before = own.got;
    for (let index = 1; index <= count; index++) {
      send();
      await until('its server has got it', () => own.got === before + index);
    }
    own.mute = false;
  };
  return { own, name, other, weigh, removeOther, send, answer, waste, client };
}

test('a client that keeps its port goes to another server when its own is gone and has weight 0', async (t) => {
  const { own, other, weigh, answer } = await served(t, {});
  await own.peer.close();
  await weigh(0);
  assert.equal(await answer(), other);
});

test('the same where the server is silent', async (t) => {
  const { own, other, weigh, answer } = await served(t, { udpPatience: 20 });
  own.mute = true;
  await weigh(0);
  assert.equal(await answer(), other);
});

test('a server of weight 0 that answers keeps its clients', async (t) => {
  const { name, weigh, client, send } = await served(t, { udpPatience: 0 });
  await weigh(0);
  for (let index = 0; index < 3; index++) {
    send();
    assert.equal(await client.receive(), name);
  }
});

test('a silent server keeps its clients while it has a weight, and at weight 0 where nobody else is there', async (t) => {
  const { name, weigh, removeOther, waste, send, client } = await served(t, { udpPatience: 0 });
  await waste(3);
  send();
  assert.equal(await client.receive(), name);
  await removeOther();
  await weigh(0);
  await waste(3);
  send();
  assert.equal(await client.receive(), name);
});
