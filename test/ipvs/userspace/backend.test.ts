import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadOptions } from '../../../src/ipvs/backend.js';
import { type MeteredTable, type Service, serviceKey } from '../../../src/ipvs/table.js';
import { UserspaceBackend } from '../../../src/ipvs/userspace/backend.js';
import { until } from '../../helpers/deadline.js';
import { dial } from '../../helpers/tcp-client.js';
import { greet, startTcpServer } from '../../helpers/tcp-server.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { conformance } from '../backend-conformance.js';
import { building, carryOut, destinationAt, markService, serviceAt } from '../conformance/fixture.js';

conformance('userspace', async () => new UserspaceBackend(), 300);
conformance('userspace', async () => new Exact({ threads: 3 }), 30);

/** Of connections that others carry it is told a moment later; all that was said before is heard before the next order. */
class Exact extends UserspaceBackend {
  override async read(options?: ReadOptions): Promise<MeteredTable> {
    const table = await super.read(options);
    await this.apply([{ type: 'delete-service', service: nowhere }]).catch(() => {});
    return table.size === 0 ? table : super.read(options);
  }
}

const nowhere: Service = {
  ...{ protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 1 },
  ...{ scheduler: 'rr', schedflags: [], persistent: 0, netmask: 32, ops: false },
};
const somewhere = destinationAt({ address: '127.0.0.1', port: 1 });

test('a service that cannot be listened to fails alone, with a remedy', async (t) => {
  const backend = new UserspaceBackend();
  t.after(() => backend.close());
  for (const protocol of ['tcp', 'udp'] as const) {
    const taken = await serviceAt('127.0.0.1', protocol);
    const other = new UserspaceBackend();
    await carryOut(other, { type: 'add-service', service: taken });
    const fine = await serviceAt('127.0.0.1', protocol);
    const failures = await backend.apply([...building(taken, [somewhere]), ...building(fine, [somewhere])]);
    assert.deepEqual(
      failures.map((failure) => failure?.code ?? null),
      ['EADDRINUSE', 'ESRCH', null, null],
    );
    assert.match(failures[0]?.message ?? '', /ss -l[tu]np/);
    // Once the address is free the same operation succeeds.
    await other.close();
    await carryOut(backend, ...building(taken, [somewhere]));
  }
});

test('refuses what only the kernel can do, and says so', async (t) => {
  const backend = new UserspaceBackend();
  t.after(() => backend.close());
  const service = await serviceAt('127.0.0.1', 'tcp');
  const itself = destinationAt(service);
  const failures = await backend.apply([
    { type: 'add-service', service: markService(5) },
    { type: 'add-service', service: { ...service, port: 0 } },
    { type: 'add-service', service: { ...service, scheduler: 'four' } },
    { type: 'add-service', service: { ...service, address: 'localhost' } },
    { type: 'add-service', service },
    { type: 'edit-service', service: { ...service, scheduler: 'four' } },
    { type: 'add-destination', service, destination: itself },
    { type: 'add-destination', service, destination: { ...itself, address: 'localhost' } },
    { type: 'add-destination', service, destination: { ...itself, port: 70_000 } },
  ]);
  assert.deepEqual(
    failures.map((failure) => failure?.code ?? null),
    ['ENOTSUP', 'ENOTSUP', 'ENOENT', 'EINVAL', null, 'ENOENT', 'ELOOP', 'EINVAL', 'EINVAL'],
  );
  assert.match(failures[0]?.message ?? '', /fwm 5.*firewall mark.*kernel backend/);
  assert.match(failures[2]?.message ?? '', /four.*rr, wrr, lc, wlc, /);
  const [entry] = (await backend.read()).values();
  assert.equal(entry?.service.scheduler, 'wrr');
});

test('an IPv6 service may have IPv4 destinations', async (t) => {
  const backend = new UserspaceBackend();
  t.after(() => backend.close());
  const server = await startTcpServer(greet('four'));
  t.after(() => server.close());
  const service = await serviceAt('::1', 'tcp');
  await carryOut(backend, ...building(service, [destinationAt(server)]));
  const client = await dial('::1', service.port);
  assert.equal(await client.line(), 'four');
  client.close();
});

test('closing leaves no handle open', async () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => /TCP|UDP|Timeout/.test(name)).length;
  const before = handles();
  const backend = new UserspaceBackend();
  const [tcp, udp] = [await startTcpServer(greet('a')), await startUdpPeer('127.0.0.1', (text) => text)];
  const [overTcp, overUdp] = [await serviceAt('127.0.0.1', 'tcp'), await serviceAt('127.0.0.1', 'udp')];
  await carryOut(
    backend,
    ...building(overTcp, [destinationAt(tcp)]),
    ...building({ ...overUdp, persistent: 300 }, [destinationAt(udp)]),
  );
  const clients = [await dial('127.0.0.1', overTcp.port), await dial('127.0.0.1', overTcp.port)];
  for (const client of clients) assert.equal(await client.line(), 'a');
  clients[0]?.socket.end();
  const asking = await startUdpPeer();
  asking.socket.send('x', overUdp.port, '127.0.0.1');
  assert.equal(await asking.receive(), 'x');

  await backend.close();
  for (const client of clients) client.close();
  await Promise.all([tcp.close(), udp.close(), asking.close()]);
  await until('all handles are gone', () => handles() <= before);
});

test('a service takes the place of one that leaves in the same batch, whichever comes first', async (t) => {
  const backend = new UserspaceBackend();
  t.after(() => backend.close());
  const server = await startTcpServer(greet('a'));
  t.after(() => server.close());
  for (const protocol of ['tcp', 'udp'] as const) {
    const there = await serviceAt('127.0.0.1', protocol);
    const everywhere = { ...there, address: '0.0.0.0' };
    await carryOut(backend, ...building(everywhere, [destinationAt(server)]));
    for (const [from, to] of [
      [everywhere, there],
      [there, everywhere],
    ] as const) {
      await carryOut(
        backend,
        ...building(to, [destinationAt(server)]),
        { type: 'delete-destination', service: from, destination: destinationAt(server) },
        { type: 'delete-service', service: from },
      );
      assert.deepEqual([...(await backend.read()).keys()], [serviceKey(to)]);
      if (protocol === 'udp') continue;
      const client = await dial('127.0.0.1', to.port);
      assert.equal(await client.line(), 'a');
      client.close();
    }
    await carryOut(backend, { type: 'delete-service', service: everywhere });
  }
});

test('a destination at which the service ends at itself is refused, whatever it is called', async (t) => {
  const backend = new UserspaceBackend();
  t.after(() => backend.close());
  for (const protocol of ['tcp', 'udp'] as const) {
    const service = { ...(await serviceAt('127.0.0.1', protocol)), address: '0.0.0.0' };
    const back = { ...(await serviceAt('127.0.0.2', protocol)), address: '127.0.0.2' };
    const on = { ...(await serviceAt('127.0.0.3', protocol)), address: '127.0.0.3' };
    const { port } = service;
    await carryOut(backend, ...building(service, [destinationAt(back)]), ...building(back, [destinationAt(on)]));
    const refused = ['127.0.0.1', '127.8.8.8'];
    const failures = await backend.apply([
      ...refused.map((address) => {
        return { type: 'add-destination', service, destination: destinationAt({ address, port }) } as const;
      }),
      { type: 'add-service', service: on },
      { type: 'add-destination', service: on, destination: destinationAt({ address: '127.0.0.1', port }) },
      // Services may lead to services, as long as there is an end.
      { type: 'add-destination', service, destination: destinationAt(on) },
    ]);
    assert.deepEqual(
      failures.map((failure) => failure?.code ?? null),
      [...refused.map(() => 'ELOOP'), null, 'ELOOP', null],
    );
    assert.match(failures[refused.length + 1]?.message ?? '', /leads back .* through .*127\.0\.0\.2/);
  }
});
