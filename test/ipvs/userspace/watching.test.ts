import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { BroadcastChannel } from 'node:worker_threads';
import { until } from '../../helpers/deadline.js';
import { begunChannel, epollChannel } from '../../helpers/full-epoll.js';
import { dial } from '../../helpers/tcp-client.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { building, carryOut, destinationAt, serviceAt } from '../conformance/fixture.js';
import { balancing } from './balancing.js';

const entry = new URL('../../helpers/full-epoll.js', import.meta.url);

for (const threads of [1, 2]) {
  const name = `where the kernel watches no more sockets who comes is refused, and that is told: ${threads} at work`;
  test(name, (t) => fill(t, threads));
}

async function fill(t: TestContext, threads: number): Promise<void> {
  const epoll = new BroadcastChannel(epollChannel);
  const begun = new BroadcastChannel(begunChannel);
  const atWork = new Set<unknown>();
  begun.onmessage = (event: unknown) => atWork.add((event as { readonly data: number }).data);
  t.after(() => {
    epoll.close();
    begun.close();
  });
  const { backend, server, service, told } = await balancing(t, { entry, threads });
  const udp = await startUdpPeer('127.0.0.1', (text) => text);
  t.after(() => udp.close());
  const overUdp = await serviceAt('127.0.0.1', 'udp');
  await carryOut(backend, ...building(overUdp, [destinationAt(udp)]));
  const connect = async () => {
    const client = await dial('127.0.0.1', service.port);
    t.after(() => client.close());
    return client;
  };
  /** How a connection ends at once, or what it is greeted with. */
  const outcome = () =>
    connect()
      .then((client) => client.line())
      .catch((error: NodeJS.ErrnoException) => (/ECONNRESET/.test(error.message) ? 'reset' : error.message));
  const asking = async () => {
    const client = await startUdpPeer();
    t.after(() => client.close());
    client.socket.send('x', overUdp.port, '127.0.0.1');
    return client;
  };
  const before = await connect();
  assert.equal(await before.line(), 'a');
  const flow = await asking();
  assert.equal(await flow.receive(), 'x');

  // One that begins where nothing is watched any more ends, and is replaced.
  await until('all threads are at work', () => atWork.size === threads);
  epoll.postMessage(true);
  for (let count = 0; count < 3; count += 1) assert.equal(await outcome(), 'reset');
  await asking();
  await until('both are told', () => told.length === 2);
  const reasons = told.map(({ object, failure: { code, message } }) => [
    object,
    code,
    /max_user_watches/.test(message),
  ]);
  assert.deepEqual(reasons, [
    [`127.0.0.1:${server.port} (127.0.0.1:${service.port})`, 'ENOSPC', true],
    [`127.0.0.1:${udp.port} (127.0.0.1:${overUdp.port})`, 'ENOSPC', true],
  ]);
  // Who was there goes on, and counts alone.
  before.socket.write('still\n');
  assert.equal(await before.line(), 'still');
  flow.socket.send('y', overUdp.port, '127.0.0.1');
  assert.equal(await flow.receive(), 'y');
  const [tcp, datagrams] = [...(await backend.read()).values()].map(
    ({ destinations }) => [...destinations.values()][0],
  );
  assert.equal(tcp?.activeConnections, 1);
  assert.equal(datagrams?.inactiveConnections, 1);

  epoll.postMessage(false);
  assert.equal(await outcome(), 'a');
  assert.equal(await (await asking()).receive(), 'x');
  assert.equal(told.length, 2);
}
