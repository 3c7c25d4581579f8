/** What the kernel can be asked besides its table. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import { destinationKey, serviceKey } from '../../src/ipvs/table.js';
import { NetlinkConnection } from '../../src/netlink/connection.js';
import { controller, flag, messageType, netlinkGeneric } from '../../src/netlink/constants.js';
import { MessageWriter } from '../../src/netlink/message-writer.js';
import { socketsOf } from '../../src/netlink/socket.js';
import { until } from '../helpers/deadline.js';
import { greet, startTcpServer } from '../helpers/tcp-server.js';
import { building, destinationAt, serviceAt } from '../ipvs/conformance/fixture.js';

/** With an empty table. */
async function opened(t: TestContext): Promise<KernelClient> {
  const client = new KernelClient();
  t.after(() => client.close());
  await client.flush();
  return client;
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8' });
}

test('says its version, and has its timeouts set one by one', async (t) => {
  const client = await opened(t);
  const { version, tableSize } = await client.info();
  assert.ok(run('ipvsadm', '-Ln').startsWith(`IP Virtual Server version ${version} (size=${tableSize})\n`));
  await client.setTimeouts({ tcp: 800, tcpFin: 70, udp: 60 });
  await client.setTimeouts({ tcpFin: 90 });
  assert.deepEqual(await client.timeouts(), { tcp: 800, tcpFin: 90, udp: 60 });
  assert.match(run('ipvsadm', '-L', '--timeout'), /: 800 90 60$/m);
  await assert.rejects(client.setTimeouts({ udp: -1 }), { code: 'EINVAL' });
});

test('counts what passes, and forgets it when asked to', async (t) => {
  const client = await opened(t);
  const server = await startTcpServer(greet('a'));
  t.after(() => server.close());
  const service = await serviceAt('127.0.0.2', 'tcp', { persistent: 60 });
  const other = await serviceAt('127.0.0.3', 'tcp');
  const destination = destinationAt({ address: '127.0.0.1', port: server.port });
  await client.apply([...building(service, [destination]), ...building(other, [])]);

  for (const _ of [1, 2, 3]) {
    const socket = connect(service.port, service.address);
    await once(socket, 'data');
    socket.destroy();
  }
  const connections = async () =>
    (await client.list({ traffic: true })).get(serviceKey(service))?.traffic?.total.connections;
  // The kernel adds up what its processors counted every two seconds.
  await until('three connections are counted', async () => (await connections()) === 3n);
  const entry = (await client.list({ traffic: true })).get(serviceKey(service)) ?? assert.fail();
  const held = entry.destinations.get(destinationKey(destination)) ?? assert.fail();
  for (const { traffic } of [entry, held]) {
    assert.equal(traffic?.total.connections, 3n);
    assert.ok(traffic.total.inPackets >= 9n && traffic.total.inBytes > 3n * 40n, 'at least three packets each');
  }
  assert.equal(held.activeConnections + held.inactiveConnections, 3);
  assert.equal(held.persistentConnections, 1);
  assert.equal((await client.list()).get(serviceKey(service))?.traffic, undefined);

  await client.zero(other);
  assert.equal(await connections(), 3n);
  await client.zero(service);
  assert.equal(await connections(), 0n);
  await client.zero();
  await client.apply([{ type: 'delete-service', service: other }]);
  await assert.rejects(client.zero(other), { code: 'ESRCH', message: /127\.0\.0\.3/ });
});

test('starts and stops the synchronization daemons', async (t) => {
  const client = await opened(t);
  run('ip', 'link', 'add', 'sync0', 'type', 'dummy');
  run('ip', 'address', 'add', '192.0.2.100/24', 'dev', 'sync0');
  run('ip', 'link', 'set', 'sync0', 'up', 'multicast', 'on');
  t.after(() => run('ip', 'link', 'delete', 'sync0'));
  const master = {
    ...({ state: 'master', interface: 'sync0', syncId: 7 } as const),
    ...{ maxLength: 1400, group: '224.0.0.82', port: 8849, ttl: 2 },
  };
  assert.deepEqual(await client.daemons(), []);
  await client.startDaemon(master);
  await client.startDaemon({ state: 'backup', interface: 'sync0', syncId: 0 });
  const [first, second, ...more] = await client.daemons();
  assert.deepEqual(first, master);
  assert.deepEqual(
    [second?.state, second?.interface, second?.syncId, second?.group],
    ['backup', 'sync0', 0, '224.0.0.81'],
  );
  assert.deepEqual(more, []);
  assert.match(
    run('ipvsadm', '-L', '--daemon'),
    /master sync daemon \(mcast=sync0, syncid=7, maxlen=1400, group=224\.0\.0\.82, port=8849, ttl=2\)/,
  );
  await assert.rejects(client.startDaemon(master), { code: 'EEXIST' });
  await client.stopDaemon('master');
  await client.stopDaemon('backup');
  assert.deepEqual(await client.daemons(), []);
  await assert.rejects(client.stopDaemon('master'), { code: 'ESRCH' });
});

test('the kernel says more than a number where a request breaks its rules', async (t) => {
  const connection = new NetlinkConnection({ open: socketsOf(netlinkGeneric), largestDatagram: 1024, timeout: 5_000 });
  t.after(() => connection.close());
  const writer = new MessageWriter(256);
  const sequence = connection.reserve(1);
  const { type, command, version } = { type: messageType.controller, command: controller.getFamily, version: 1 };
  writer.begin({ type, flags: flag.request | flag.ack, sequence }, [command, version, 0, 0]);
  writer.string(controller.familyName, 'longer than any family name');
  writer.end();
  const { answers } = await connection.exchange({ bytes: writer.written, first: sequence, count: 1 });
  assert.match(answers[0]?.text ?? '', /policy/);
});

test('nothing is left of a client that was closed', async () => {
  const descriptors = () => run('sh', '-c', `ls -l /proc/${process.pid}/fd | grep -c socket: || true`).trim();
  // Sockets are closed a turn later than their client.
  const aTurn = () => new Promise((resolve) => setImmediate(resolve));
  await aTurn();
  const before = descriptors();
  for (const _ of [1, 2, 3]) {
    const client = new KernelClient();
    await client.flush();
    await client.apply([{ type: 'add-service', service: await serviceAt('127.0.0.2', 'tcp') }]);
    await client.close();
  }
  await aTurn();
  assert.equal(descriptors(), before);
});
