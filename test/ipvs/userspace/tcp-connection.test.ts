import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { destinationKey, type Service, serviceKey } from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import type { Limits } from '../../../src/ipvs/userspace/limits.js';
import { until } from '../../helpers/deadline.js';
import { startTcpBlackHole } from '../../helpers/tcp-black-hole.js';
import { dial } from '../../helpers/tcp-client.js';
import { greet, startTcpServer } from '../../helpers/tcp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';

interface Listening {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

async function balancing(t: TestContext, limits: Partial<Limits>, server: Listening) {
  const backend = new UserspaceBackend({ limits });
  t.after(() => server.close());
  t.after(() => backend.close());
  const service: Service = await serviceAt('127.0.0.1', 'tcp');
  const destination = destinationAt(server);
  await carryOut(backend, ...building(service, [destination]));
  const connect = async () => {
    const client = await dial('127.0.0.1', service.port);
    t.after(() => client.close());
    return client;
  };
  const connections = async () => {
    const entry = (await backend.read()).get(serviceKey(service));
    const held = entry?.destinations.get(destinationKey(destination));
    return held && held.activeConnections + held.inactiveConnections;
  };
  return { backend, service, destination, connect, connections };
}

test('a destination that does not answer is given up after the connect timeout', async (t) => {
  const { connect, connections } = await balancing(t, { connectTimeout: 500 }, await startTcpBlackHole());
  const client = await connect();
  await until('the connection counts', async () => (await connections()) === 1);
  assert.equal(await client.ending(), 'ECONNRESET');
  await until('the connection is gone', async () => (await connections()) === 0);
});

test('deleting a destination resets a connection that is still being set up', async (t) => {
  const { backend, service, destination, connect, connections } = await balancing(t, {}, await startTcpBlackHole());
  const client = await connect();
  await until('the connection counts', async () => (await connections()) === 1);
  await carryOut(backend, { type: 'delete-destination', service, destination });
  assert.equal(await client.ending(), 'ECONNRESET');
});

test('closing resets a connection that is still being set up', async (t) => {
  const { backend, connect, connections } = await balancing(t, {}, await startTcpBlackHole());
  const client = await connect();
  await until('the connection counts', async () => (await connections()) === 1);
  await backend.close();
  assert.equal(await client.ending(), 'ECONNRESET');
});

test('an idle connection is reset on both sides', async (t) => {
  const server = await startTcpServer(greet('a'));
  const { connect, connections } = await balancing(t, { tcpIdle: 500 }, server);
  const client = await connect();
  assert.equal(await client.line(), 'a');
  assert.equal(await client.ending(), 'ECONNRESET');
  await until('the server has lost it too', () => server.sockets.size === 0);
  await until('the connection is gone', async () => (await connections()) === 0);
});

test('further connections than the bound are closed, and there is room again when one has gone', async (t) => {
  const { connect, connections } = await balancing(t, { maxConnections: 2 }, await startTcpServer(greet('a')));
  const clients = [await connect(), await connect()];
  for (const client of clients) assert.equal(await client.line(), 'a');
  const surplus = await connect();
  await assert.rejects(surplus.line(), /ended first/);
  clients[0]?.close();
  await until('there is room', async () => (await connections()) === 1);
  assert.equal(await (await connect()).line(), 'a');
});

test('a destination deleted while an end is being passed on leaves nothing open', async (t) => {
  const server = await startTcpServer((socket) => socket.on('end', () => socket.end()).resume());
  const { backend, service, destination, connect } = await balancing(t, {}, server);
  await connect().then((client) => client.close());
  await until('the first connection is gone', () => server.sockets.size === 0);
  const before = descriptors();
  for (let turn = 0; turn < 20; turn++) {
    const client = await connect();
    client.socket.end('x');
    await carryOut(backend, { type: 'delete-destination', service, destination });
    await client.ending();
    client.close();
    await carryOut(backend, { type: 'add-destination', service, destination });
  }
  await until('all sockets are closed', () => descriptors() <= before);
});

/** How many this process has open. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
