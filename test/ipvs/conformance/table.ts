/** The table: what is applied is read back, and what cannot be done is refused as the kernel does. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Backend, Operation } from '../../../src/ipvs/backend.js';
import {
  type Destination,
  destinationKey,
  type Service,
  sameDestination,
  sameService,
  serviceKey,
} from '../../../src/ipvs/table.js';
import { building, carryOut, destinationAt, markService, opened, type Subject, serviceAt, unless } from './fixture.js';

const one = destinationAt({ address: '127.0.0.1', port: 8001 });
const two = destinationAt({ address: '127.0.0.1', port: 8002 }, { weight: 3, forward: 'gate' });

async function assertHolds(backend: Backend, expected: readonly (readonly [Service, readonly Destination[]])[]) {
  const table = await backend.read();
  assert.deepEqual([...table.keys()].sort(), expected.map(([service]) => serviceKey(service)).sort());
  for (const [service, destinations] of expected) {
    const entry = table.get(serviceKey(service));
    assert.ok(entry);
    assert.equal(serviceKey(entry.service), serviceKey(service));
    assert.ok(sameService(entry.service, service), `settings of ${serviceKey(service)}`);
    assert.deepEqual([...entry.destinations.keys()].sort(), destinations.map(destinationKey).sort());
    for (const destination of destinations) {
      const held = entry.destinations.get(destinationKey(destination));
      assert.ok(held);
      assert.equal(destinationKey(held), destinationKey(destination));
      assert.ok(sameDestination(held, destination), `settings of ${destinationKey(destination)}`);
      assert.deepEqual([held.activeConnections, held.inactiveConnections], [0, 0]);
    }
  }
}

export function tableConformance(subject: Subject): void {
  describe('table', () => {
    test('is able to do what is known of it without opening it', async (t) => {
      const { name, capabilities } = await opened(t, subject);
      assert.equal(name, subject.can.name);
      assert.deepEqual(capabilities, subject.can);
    });

    test('takes firewall marks and every port of an address where it has them', async (t) => {
      const backend = await opened(t, subject);
      const { marks, everyPort } = subject.can;
      // The kernel has every port for persistent clients alone.
      const everything = { ...(await serviceAt('127.0.0.1', 'tcp', { persistent: 60 })), port: 0 };
      const failures = await backend.apply([
        { type: 'add-service', service: markService(5) },
        { type: 'add-service', service: everything },
      ]);
      assert.deepEqual(
        failures.map((failure) => failure?.code ?? null),
        [marks, everyPort].map((able) => (able ? null : 'ENOTSUP')),
      );
    });

    test('has the schedulers that it names, and no others where these are all', async (t) => {
      const backend = await opened(t, subject);
      const { schedulers, moreSchedulers } = subject.can;
      // Not all modules of the kernel are everywhere.
      const able = subject.can.name === 'kernel' ? ['rr', 'wrr'] : schedulers;
      for (const scheduler of able) {
        const service = await serviceAt('127.0.0.1', 'tcp', { scheduler });
        await carryOut(backend, { type: 'add-service', service }, { type: 'delete-service', service });
      }
      if (moreSchedulers) return;
      const service = await serviceAt('127.0.0.1', 'tcp');
      const failures = await backend.apply([
        { type: 'add-service', service: { ...service, scheduler: 'nosuch' } },
        { type: 'add-service', service },
        { type: 'edit-service', service: { ...service, scheduler: 'nosuch' } },
      ]);
      assert.deepEqual(
        failures.map((failure) => failure?.code ?? null),
        ['ENOENT', null, 'ENOENT'],
      );
    });

    test('counts what it says that it counts', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp', { persistent: 60 });
      await carryOut(backend, ...building(service, [one]));
      const [entry] = (await backend.read({ traffic: true })).values();
      const [destination] = entry?.destinations.values() ?? [];
      const counted = [entry?.traffic, destination?.traffic, destination?.persistentConnections];
      const { countsTraffic, countsPersistentClients } = subject.can;
      assert.deepEqual(
        counted.map((count) => count !== undefined),
        [countsTraffic, countsTraffic, countsPersistentClients],
      );
    });

    test('is empty at first, and an empty batch changes nothing', async (t) => {
      const backend = await opened(t, subject);
      assert.deepEqual(await backend.apply([]), []);
      await assertHolds(backend, []);
    });

    for (const protocol of ['tcp', 'udp'] as const) {
      for (const address of ['127.0.0.1', '::1']) {
        test(`reads back a ${protocol} service at ${address}`, async (t) => {
          const backend = await opened(t, subject);
          const service = await serviceAt(address, protocol, { persistent: 60, netmask: 24, ops: protocol === 'udp' });
          const destinations = [
            destinationAt({ address, port: 8001 }),
            destinationAt({ address, port: 8002 }, { weight: 0, forward: 'gate' }),
            destinationAt({ address, port: 8003 }, { weight: 7, upperThreshold: 9, lowerThreshold: 3 }),
          ];
          await carryOut(backend, ...building(service, destinations));
          await assertHolds(backend, [[service, destinations]]);
        });
      }
    }

    test('reads back a firewall mark', unless(subject.can.marks, 'there is no address to listen to'), async (t) => {
      const backend = await opened(t, subject);
      await carryOut(backend, ...building(markService(5), [one]));
      await assertHolds(backend, [[markService(5), [one]]]);
    });

    test('edits a service and keeps its destinations', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp');
      await carryOut(backend, ...building(service, [one, two]));
      const edited = {
        ...service,
        scheduler: 'sh',
        schedflags: ['sh-fallback', 'sh-port'],
        persistent: 30,
        netmask: 16,
      };
      await carryOut(backend, { type: 'edit-service', service: edited });
      await assertHolds(backend, [[edited, [one, two]]]);
    });

    test('edits a destination alone', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp');
      await carryOut(backend, ...building(service, [one, two]));
      const edited = { ...one, weight: 0, upperThreshold: 10, lowerThreshold: 5, forward: 'ipip' } as const;
      await carryOut(backend, { type: 'edit-destination', service, destination: edited });
      await assertHolds(backend, [[service, [edited, two]]]);
    });

    test('deletes a destination alone, and a service with its destinations', async (t) => {
      const backend = await opened(t, subject);
      const kept = await serviceAt('127.0.0.1', 'tcp');
      const gone = await serviceAt('127.0.0.1', 'udp');
      await carryOut(backend, ...building(kept, [one, two]), ...building(gone, [one, two]));
      await carryOut(
        backend,
        { type: 'delete-destination', service: kept, destination: one },
        { type: 'delete-service', service: gone },
      );
      await assertHolds(backend, [[kept, [two]]]);
      await carryOut(backend, { type: 'add-service', service: gone });
      await assertHolds(backend, [
        [kept, [two]],
        [gone, []],
      ]);
    });

    test('refuses destinations that no machine can have as an address', async (t) => {
      const backend = await opened(t, subject);
      const four = await serviceAt('127.0.0.1', 'tcp');
      const six = await serviceAt('::1', 'tcp');
      await carryOut(backend, ...building(four, [one]), ...building(six, []));
      const wrong4 = ['224.0.0.9', '239.255.255.255', '0.0.0.0', '255.255.255.255'];
      const wrong6 = ['::', 'ff02::1', 'fe80::1', '::ffff:10.0.0.1'];
      const added = (service: Service, address: string): Operation => ({
        type: 'add-destination',
        service,
        destination: { ...one, address },
      });
      const failures = await backend.apply([
        ...wrong4.map((address) => added(four, address)),
        ...wrong6.map((address) => added(six, address)),
      ]);
      assert.deepEqual(
        failures.map((failure) => failure?.code),
        [...wrong4, ...wrong6].map(() => 'EINVAL'),
      );
      await assertHolds(backend, [
        [four, [one]],
        [six, []],
      ]);
    });

    test('refuses flags that the scheduler does not have', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp', { scheduler: 'sh', schedflags: ['sh-port'] });
      await carryOut(backend, { type: 'add-service', service });
      const other = await serviceAt('127.0.0.1', 'tcp', { scheduler: 'wrr', schedflags: ['sh-port'] });
      const failures = await backend.apply([
        { type: 'add-service', service: other },
        { type: 'edit-service', service: { ...service, scheduler: 'wrr' } },
      ]);
      assert.deepEqual(
        failures.map((failure) => failure?.code),
        ['EINVAL', 'EINVAL'],
      );
      await assertHolds(backend, [[service, []]]);
    });

    test('refuses each wrong operation alone, in its place, and carries out the others', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp');
      const absent = await serviceAt('127.0.0.1', 'udp');
      const unordered = { ...two, port: 8003, upperThreshold: 1, lowerThreshold: 2 };
      const cases: [Operation, string | null][] = [
        [{ type: 'add-destination', service, destination: one }, 'ESRCH'],
        [{ type: 'add-service', service }, null],
        [{ type: 'add-service', service: { ...service, scheduler: 'rr' } }, 'EEXIST'],
        [{ type: 'edit-service', service: absent }, 'ESRCH'],
        [{ type: 'delete-service', service: absent }, 'ESRCH'],
        [{ type: 'add-destination', service: absent, destination: one }, 'ESRCH'],
        [{ type: 'edit-destination', service: absent, destination: one }, 'ESRCH'],
        [{ type: 'delete-destination', service: absent, destination: one }, 'ESRCH'],
        [{ type: 'edit-destination', service, destination: one }, 'ENOENT'],
        [{ type: 'delete-destination', service, destination: one }, 'ENOENT'],
        [{ type: 'add-destination', service, destination: one }, null],
        [{ type: 'add-destination', service, destination: { ...one, weight: 9 } }, 'EEXIST'],
        [{ type: 'add-destination', service, destination: unordered }, 'ERANGE'],
        [{ type: 'edit-destination', service, destination: { ...one, lowerThreshold: 1 } }, 'ERANGE'],
        [{ type: 'add-destination', service, destination: two }, null],
      ];
      const failures = await backend.apply(cases.map(([operation]) => operation));
      assert.deepEqual(
        failures.map((failure) => failure?.code ?? null),
        cases.map(([, code]) => code),
      );
      for (const failure of failures)
        if (failure)
          assert.ok(
            failure.message.includes(`:${service.port}`) || failure.message.includes(`:${absent.port}`),
            failure.message,
          );
      await assertHolds(backend, [[service, [one, two]]]);
    });

    test('refuses the same batch again in the same way, and stays as it is', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp');
      const batch = building(service, [one, two]);
      await carryOut(backend, ...batch);
      const again = await backend.apply(batch);
      assert.deepEqual(
        again.map((failure) => failure?.code),
        ['EEXIST', 'EEXIST', 'EEXIST'],
      );
      await assertHolds(backend, [[service, [one, two]]]);
    });

    test('adds, deletes and adds a service again in one batch', async (t) => {
      const backend = await opened(t, subject);
      for (const protocol of ['tcp', 'udp'] as const) {
        const service = await serviceAt('127.0.0.1', protocol);
        const batch = building(service, [one]);
        await carryOut(backend, ...batch, { type: 'delete-service', service }, ...batch);
        await assertHolds(backend, [[service, [one]]]);
        await carryOut(backend, { type: 'delete-service', service });
      }
    });

    test('gives a reader a table that later operations do not change', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp');
      await carryOut(backend, ...building(service, [one, two]));
      const before = await backend.read();
      await carryOut(
        backend,
        { type: 'edit-service', service: { ...service, scheduler: 'rr' } },
        { type: 'edit-destination', service, destination: { ...one, weight: 50 } },
        { type: 'delete-destination', service, destination: two },
      );
      const entry = before.get(serviceKey(service));
      assert.equal(entry?.service.scheduler, 'wrr');
      assert.equal(entry.destinations.get(destinationKey(one))?.weight, 1);
      assert.equal(entry.destinations.size, 2);
    });

    test('carries out batches that overlap one after the other', async (t) => {
      const backend = await opened(t, subject);
      const service = await serviceAt('127.0.0.1', 'tcp');
      const batch = building(service, [one]);
      const [first, second, third] = await Promise.all([
        backend.apply(batch),
        backend.apply([{ type: 'delete-service', service }]),
        backend.apply(batch),
      ]);
      assert.deepEqual([first, second, third], [[null, null], [null], [null, null]]);
      await assertHolds(backend, [[service, [one]]]);
    });

    test(`takes ${subject.largeBatch} services of 10 destinations in one batch`, async (t) => {
      const backend = await opened(t, subject);
      const template = await serviceAt('127.0.0.1', 'tcp');
      const tens = Array.from({ length: 10 }, (_, index) =>
        destinationAt({ address: '127.0.0.1', port: 7000 + index }),
      );
      const services = Array.from({ length: subject.largeBatch }, (_, index) => ({
        ...template,
        address: `127.99.${index >> 8}.${index & 255}`,
      }));
      await carryOut(backend, ...services.flatMap((service) => building(service, tens)));
      await assertHolds(
        backend,
        services.map((service) => [service, tens]),
      );
      await carryOut(backend, ...services.map((service) => ({ type: 'delete-service', service }) as const));
      await assertHolds(backend, []);
    });

    test('answers nothing after it is closed, and may be closed twice', async (t) => {
      const backend = await opened(t, subject);
      await carryOut(backend, { type: 'add-service', service: await serviceAt('127.0.0.1', 'tcp') });
      await backend.close();
      await backend.close();
      await assert.rejects(backend.read(), /closed/);
      await assert.rejects(backend.apply([]), /closed/);
    });
  });
}
