import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Failure } from '../../../src/ipvs/backend.js';
import { destinationKey, serviceKey } from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { until } from '../../helpers/deadline.js';
import { smallHeaps } from '../../helpers/exhausted-heap.js';
import { stubbornClients } from '../../helpers/stubborn-balancer.js';
import { dial, type TcpClient } from '../../helpers/tcp-client.js';
import { greet, startTcpServer } from '../../helpers/tcp-server.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';

const stubborn = new URL('../../helpers/stubborn-balancer.js', import.meta.url);

async function balancing(t: TestContext, threads = 1) {
  const told: { readonly object: string; readonly failure: Failure }[] = [];
  const backend = new UserspaceBackend({
    onTrouble: (object, failure) => told.push({ object, failure }),
    ...{ entry: stubborn, threads },
  });
  t.after(() => backend.close());
  const [server, udp] = [await startTcpServer(greet('a')), await startUdpPeer('127.0.0.1', (text) => text)];
  t.after(() => Promise.all([server.close(), udp.close()]));
  const service = { ...(await serviceAt('127.0.0.1', 'tcp')), address: '0.0.0.0' };
  const overUdp = await serviceAt('127.0.0.1', 'udp');
  const destination = destinationAt(server, { weight: 3 });
  await carryOut(backend, ...building(service, [destination]), ...building(overUdp, [destinationAt(udp)]));
  const connect = async (localAddress = '127.0.0.1') => {
    const client = await dial('127.0.0.1', service.port, { localAddress });
    t.after(() => client.close());
    return client;
  };
  const held = async () =>
    (await backend.read({ traffic: true })).get(serviceKey(service))?.destinations.get(destinationKey(destination));
  return { backend, service, overUdp, destination, told, connect, held };
}

const reasons = { ends: /a defect/, hangs: /no sign of life/, 'fills its heap': /heap out of memory/ } as const;

for (const [fault, threads] of [
  ['ends', 1],
  ['hangs', 1],
  ['fills its heap', 1],
  ['fills its heap', 2],
] as const) {
  test(`a thread that ${fault} is told of and replaced, with the same table: ${threads} at work`, async (t) => {
    if (fault === 'fills its heap') t.after(smallHeaps());
    const { backend, service, overUdp, destination, told, connect, held } = await balancing(t, threads);
    const before = await connect();
    assert.equal(await before.line(), 'a');
    const descriptors = openDescriptors();
    const cause = endingOf(connect(stubbornClients[fault]));
    // Batches meanwhile are answered, be it that nobody knows.
    const edited = { ...destination, weight: 1 };
    await until('the edit is carried out', async () => {
      // An edit before that may have been answered by the one that ends.
      const isTold = told.length > 0;
      const [failure] = await backend.apply([{ type: 'edit-destination', service, destination: edited }]);
      assert.ok(!failure || failure.unanswered, failure?.message);
      return isTold && failure === null;
    });
    assert.equal(await before.ending(), 'ECONNRESET');
    assert.equal(await cause, 'ECONNRESET');
    assert.equal(told[0]?.object, 'userspace balancer');
    assert.match(told[0]?.failure.message ?? '', reasons[fault]);

    const after = await connect();
    assert.equal(await after.line(), 'a');
    const asking = await startUdpPeer();
    t.after(() => asking.close());
    asking.socket.send('x', overUdp.port, '127.0.0.1');
    assert.equal(await asking.receive(), 'x');
    const { activeConnections, weight, traffic } = (await held()) ?? assert.fail();
    assert.deepEqual([activeConnections, weight, traffic?.total.connections], [1, 1, 2n]);
    after.close();
    await until('what the thread before had open is closed', () => openDescriptors() <= descriptors);
    assert.equal(told.length, 1);
  });
}

test('what another has taken meanwhile is lost, and told', async (t) => {
  const { backend, service, told, connect } = await balancing(t);
  const port = service.port;
  assert.equal(await endingOf(connect(stubbornClients.ends)), 'ECONNRESET');
  const other = createServer();
  const listening = await new Promise<boolean>((resolve) => {
    other.once('error', () => resolve(false));
    other.listen({ port, host: '0.0.0.0', exclusive: true }, () => resolve(true));
  });
  t.after(() => other.close());
  if (!listening) {
    t.skip('the balancer was faster');
    return;
  }
  await until('it is told', () => told.some(({ failure }) => failure.code === 'EADDRINUSE'));
  assert.equal((await backend.read()).has(serviceKey(service)), false);
  assert.equal((await backend.read()).size, 1);
});

/** The reset can come before the client has seen its connection stand. */
function endingOf(connecting: Promise<TcpClient>): Promise<string | undefined> {
  return connecting.then(
    (client) => client.ending(),
    (error: NodeJS.ErrnoException) => error.code,
  );
}

/** Sockets and the like of this process. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
