import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import type { Failure } from '../../../src/ipvs/backend.js';
import {
  type Destination,
  destinationKey,
  type Entry,
  type Observed,
  type Service,
  serviceKey,
} from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { until } from '../../helpers/deadline.js';
import { smallHeaps } from '../../helpers/exhausted-heap.js';
import { dial, type TcpClient } from '../../helpers/tcp-client.js';
import { carriedChannel, type Fault, faultChannel } from '../../helpers/watched-carriers.js';
import { building, carryOut, destinationAt, serviceAt, startServers } from '../conformance/fixture.js';

const threads = 3;
const entry = new URL('../../helpers/watched-carriers.js', import.meta.url);

interface Setting {
  readonly service?: Partial<Pick<Service, 'scheduler' | 'persistent'>>;
  readonly destination?: Partial<Destination>;
  readonly servers?: number;
}

/** A service of three threads, which all carry by now. */
async function balancing(t: TestContext, { service: settings, destination, servers: count = 2 }: Setting = {}) {
  const told: { readonly object: string; readonly failure: Failure }[] = [];
  const carried: number[] = [];
  const carrying = new BroadcastChannel(carriedChannel);
  carrying.onmessage = (event: unknown) => carried.push((event as { readonly data: number }).data);
  const faults = new BroadcastChannel(faultChannel);
  t.after(() => {
    carrying.close();
    faults.close();
  });
  const onTrouble = (object: string, failure: Failure) => told.push({ object, failure });
  const backend = new UserspaceBackend({ threads, onTrouble, entry });
  t.after(() => backend.close());
  const servers = await startServers(t, count);
  const service = { ...(await serviceAt('127.0.0.1', 'tcp', { scheduler: 'rr' })), ...settings };
  const destinations = servers.map((server) => destinationAt(server, destination));
  await carryOut(backend, ...building(service, destinations));
  const connect = async (localAddress = '127.0.0.1') => {
    const client = await dial('127.0.0.1', service.port, { localAddress });
    t.after(() => client.close());
    return client;
  };
  const line = (client: TcpClient) => client.line().catch(() => null);
  const entryOf = async () => (await backend.read({ traffic: true })).get(serviceKey(service)) ?? assert.fail();
  const held = async () => connectionsOf(await entryOf());
  // Until all carry only some do.
  const warm = await serviceAt('127.0.0.1', 'tcp');
  await carryOut(backend, ...building(warm, [destinationAt(servers[0] ?? assert.fail())]));
  const allCarry = () =>
    until('all threads carry', async () => {
      const from = carried.length;
      const clients = await Promise.all(Array.from({ length: threads * 2 }, () => dial('127.0.0.1', warm.port)));
      await Promise.all(clients.map(line));
      for (const client of clients) client.close();
      return new Set(carried.slice(from)).size === threads - 1;
    });
  await allCarry();
  const gone = () => until('nobody is held', async () => (await backend.read()).size === 2 && (await held()) === 0);
  // Who has the fewest is given the next: where one were still counted, they would go round otherwise.
  await until('none counts any more', async () =>
    [...(await backend.read()).values()].every((of) => connectionsOf(of) === 0),
  );
  await until('all have gone', () => servers.every(({ sockets }) => sockets.size === 0));
  carried.length = 0;
  return {
    backend,
    service,
    destinations,
    servers,
    told,
    carried,
    faults,
    connect,
    line,
    entryOf,
    held,
    allCarry,
    gone,
  };
}

test('one chooses and all carry: in turn, as with one thread, and what passes is counted together', async (t) => {
  const { destinations, carried, connect, line, entryOf, gone } = await balancing(t, { servers: 3 });
  const clients: TcpClient[] = [];
  const names: (string | null)[] = [];
  for (let count = 0; count < 12; count += 1) {
    const client = await connect();
    clients.push(client);
    names.push(await line(client));
    client.socket.write('hello\n');
    assert.equal(await line(client), 'hello');
  }
  const turn = names.slice(0, 3);
  assert.equal(new Set(turn).size, 3);
  assert.deepEqual(names, [...turn, ...turn, ...turn, ...turn]);
  // Four each, with the one that chooses.
  await until('they have said so', () => carried.length === 8);
  const each = [...new Set(carried)].map((id) => carried.filter((one) => one === id).length);
  assert.deepEqual(each, [4, 4]);

  const { traffic, destinations: counted } = await entryOf();
  assert.equal(traffic?.total.connections, 12n);
  assert.equal(traffic?.total.inBytes, 12n * 6n);
  const ofEach = destinations.map((one) => counted.get(destinationKey(one)) ?? assert.fail());
  assert.deepEqual(
    ofEach.map(({ activeConnections }) => activeConnections),
    [4, 4, 4],
  );
  assert.deepEqual(
    ofEach.map((one) => one.traffic?.total.inBytes),
    [24n, 24n, 24n],
  );
  for (const client of clients.slice(0, 6)) client.socket.end();
  for (const client of clients.slice(6)) client.socket.resetAndDestroy();
  await gone();
});

test('an upper threshold is not passed, whoever carries', async (t) => {
  const { connect, line, held, gone } = await balancing(t, { destination: { upperThreshold: 5 }, servers: 1 });
  const clients = await dialSome(connect, 20);
  const names = await Promise.all(clients.map(line));
  assert.equal(names.filter((name) => name !== null).length, 5);
  assert.equal(await held(), 5);
  for (const client of clients) client.close();
  await gone();
  assert.notEqual(await line(await connect()), null);
});

test('a client stays with its server, whoever carries', async (t) => {
  const { carried, connect, line } = await balancing(t, { service: { persistent: 60 } });
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    carried.length = 0;
    const names = new Set<string | null>();
    for (let count = 0; count < 6; count += 1) names.add(await line(await connect(address)));
    assert.equal(names.size, 1);
    await until('others carry', () => new Set(carried).size === threads - 1);
  }
});

test('with its destination or service every connection is reset before that is answered', async (t) => {
  const { backend, service, destinations, connect, line, held, servers } = await balancing(t);
  const clients = await Promise.all(Array.from({ length: 12 }, () => connect()));
  await Promise.all(clients.map(line));
  const [destination = assert.fail()] = destinations;
  await carryOut(backend, { type: 'delete-destination', service, destination });
  assert.equal(await held(), 6);
  await until('the server has lost its connections', () => servers[0]?.sockets.size === 0);
  await carryOut(backend, { type: 'delete-service', service });
  assert.deepEqual(new Set(await Promise.all(clients.map((client) => client.ending()))), new Set(['ECONNRESET']));
});

test('who cannot be reached is reset, and counts no more', async (t) => {
  const { backend, service, connect, line, held, gone } = await balancing(t, { servers: 1 });
  // They go round: the thread that chooses has two of them, and none of the others has one any more.
  const clients: TcpClient[] = [];
  for (let count = 0; count < 2 * threads; count += 1) clients.push(await connect());
  await Promise.all(clients.map(line));
  for (const [index, client] of clients.entries()) if (index % threads !== 0) client.socket.resetAndDestroy();
  await until('two are left', async () => (await held()) === 2);
  // Nobody listens there.
  const nowhere = destinationAt({ address: '127.0.0.1', port: 1 }, { weight: 100 });
  await carryOut(backend, { type: 'edit-service', service: { ...service, scheduler: 'fo' } });
  await carryOut(backend, { type: 'add-destination', service, destination: nowhere });
  const endings = Array.from({ length: 8 }, async () => {
    const client = await connect().catch(() => null);
    return client?.ending() ?? 'ECONNRESET';
  });
  assert.deepEqual(new Set(await Promise.all(endings)), new Set(['ECONNRESET']));
  await until('they count no more', async () => (await held()) === 2);
  for (const client of clients) client.close();
  await gone();
});

const reasons = {
  ends: /one of its.*a defect/,
  hangs: /one of its.*no sign of life/,
  'fills its heap': /one of its.*heap out of memory/,
} as const;

for (const fault of ['ends', 'hangs', 'fills its heap'] as const) {
  test(`a thread that carries and ${fault} is replaced, and others’ connections go on`, async (t) => {
    if (fault === 'fills its heap') t.after(smallHeaps());
    const setting = await balancing(t);
    const { backend, service, destinations, told, carried, faults, connect, line, held, allCarry, gone } = setting;
    const clients: TcpClient[] = [];
    for (let count = 0; count < 6; count += 1) {
      clients.push(await connect());
      await line(clients.at(-1) ?? assert.fail());
    }
    await until('both carry', () => carried.length === 4);
    const descriptors = openDescriptors();
    const [id = 0] = carried;
    faults.postMessage({ id, fault } satisfies Fault);
    const more = await dialSome(connect, 6);
    const [destination = assert.fail()] = destinations;
    // What is ordered meanwhile is done once the thread is given up.
    if (fault === 'hangs') await carryOut(backend, { type: 'delete-destination', service, destination });
    await until('it is told', () => told.length > 0);
    assert.equal(told[0]?.object, 'userspace balancer');
    assert.match(told[0]?.failure.message ?? '', reasons[fault]);

    // Two of the first six were its own, one of each server.
    const alive = await Promise.all([...clients, ...more].map(answers));
    assert.equal(alive.slice(0, 6).filter((is) => is).length, fault === 'hangs' ? 2 : 4);
    await until('what it carried is forgotten', async () => (await held()) === alive.filter((is) => is).length);
    await allCarry();
    for (const client of [...clients, ...more]) client.close();
    await gone();
    await until('what it had open is closed', () => openDescriptors() <= descriptors);
    assert.equal(told.length, 1);
  });
}

test('nothing is left open by threads that were closed', async (t) => {
  const before = openDescriptors();
  const { backend, connect, line, servers } = await balancing(t);
  const clients = await Promise.all(Array.from({ length: 12 }, () => connect()));
  await Promise.all(clients.map(line));
  await backend.close();
  assert.deepEqual(new Set(await Promise.all(clients.map((client) => client.ending()))), new Set(['ECONNRESET']));
  for (const client of clients) client.close();
  await Promise.all(servers.map((server) => server.close()));
  await until('nothing is open', () => openDescriptors() <= before);
});

function connectionsOf({ destinations }: Entry<Observed>): number {
  return [...destinations.values()].reduce((sum, one) => sum + one.activeConnections + one.inactiveConnections, 0);
}

/** Those whose connection was seen to stand: a reset can come before that. */
async function dialSome(connect: () => Promise<TcpClient>, count: number): Promise<readonly TcpClient[]> {
  const dialled = await Promise.all(Array.from({ length: count }, () => connect().catch(() => null)));
  return dialled.filter((client) => client !== null);
}

/** Whether the connection stands. */
async function answers(client: TcpClient): Promise<boolean> {
  client.socket.write('are you there\n');
  for (;;) {
    const line = await client.line().catch(() => null);
    if (line === null) return false;
    if (line === 'are you there') return true;
  }
}

/** Sockets and the like of this process. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
