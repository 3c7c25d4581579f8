import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { applied } from '../../src/ipvs/applied.js';
import type { Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import type { Destination, ObservedTable, Service } from '../../src/ipvs/table.js';

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
    fc.asyncProperty(fc.array(operations, { maxLength: 30 }), fc.nat(30), async (all, cut) => {
      const backend = new MemoryBackend();
      let known: ObservedTable = await backend.read();
      for (const part of [all.slice(0, cut), all.slice(cut)]) {
        const before = known;
        const copy = new Map(
          [...before].map(([key, entry]) => [key, { ...entry, destinations: new Map(entry.destinations) }]),
        );
        const failures = await backend.apply(part);
        known = applied(
          before,
          part.filter((_, index) => failures[index] === null),
        );
        assert.deepEqual(before, copy, 'the table before stays as it was');
        assert.deepEqual(known, await backend.read());
      }
    }),
  );
});
