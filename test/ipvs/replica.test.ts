import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { placeOf } from '../../src/ipvs/place.js';
import { Replica } from '../../src/ipvs/replica.js';
import type { Destination, Service } from '../../src/ipvs/table.js';

const settings = { schedflags: [], persistent: 0, netmask: 32, ops: false };

const services = fc
  .record({ port: fc.integer({ min: 1, max: 3 }), scheduler: fc.constantFrom('rr', 'wlc') })
  .map(({ port, scheduler }): Service => {
    return { protocol: 'tcp', family: 'inet', address: '192.0.2.1', port, scheduler, ...settings };
  });

const destinations = fc
  .record({ port: fc.integer({ min: 1, max: 3 }), weight: fc.integer({ min: 0, max: 2 }) })
  .map(({ port, weight }): Destination => {
    return { address: '10.0.0.1', port, weight, forward: 'gate', upperThreshold: 0, lowerThreshold: 0 };
  });

const operations = fc.oneof(
  fc.record({ type: fc.constantFrom('add-service', 'edit-service', 'delete-service'), service: services }),
  fc.record({
    type: fc.constantFrom('add-destination', 'edit-destination', 'delete-destination'),
    service: services,
    destination: destinations,
  }),
) as fc.Arbitrary<Operation>;

test('a table after operations is what a backend holds that has carried them out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operations, { maxLength: 40 }), fc.nat(30), fc.nat(30), async (all, read, cut) => {
      const backend = new MemoryBackend();
      await backend.apply(all.splice(0, read));
      const before = await backend.read();
      const copy = new Map(
        [...before].map(([key, entry]) => [key, { ...entry, destinations: new Map(entry.destinations) }]),
      );
      const replica = new Replica(before);
      for (const part of [all.slice(0, cut), all.slice(cut)]) {
        const failures = await backend.apply(part);
        for (const [index, operation] of part.entries())
          if (failures[index] === null) replica.take(operation, placeOf(operation));
        assert.deepEqual(replica.table, await backend.read());
      }
      assert.deepEqual(before, copy, 'the table that was read stays as it was');
    }),
  );
});
