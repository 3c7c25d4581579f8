import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../../src/ipvs/backend.js';
import type { Destination, ServiceIdentity } from '../../src/ipvs/table.js';
import type { ServicePlan } from '../../src/reconcile/plan.js';
import { Portions } from '../../src/reconcile/portions.js';

const settings = { forward: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;

function planOf(port: number, first: number, last: number): ServicePlan {
  const service: ServiceIdentity = { protocol: 'tcp', family: 'inet', address: '192.0.2.1', port };
  const destination = (index: number): Destination => ({ address: '10.0.0.1', port: index, ...settings });
  const made = (count: number, type: 'add-destination' | 'delete-destination'): Operation[] =>
    Array.from({ length: count }, (_, index) => ({ type, service, destination: destination(index) }));
  return {
    key: `tcp 192.0.2.1:${port}`,
    first: made(first, 'add-destination'),
    last: made(last, 'delete-destination'),
  };
}

function portOf({ service }: Operation): number {
  return 'port' in service ? service.port : 0;
}

function* taken(portions: Portions, most: number): Generator<Operation[]> {
  while (!portions.isEmpty) yield portions.next(most);
}

test('every operation comes once, in bounded portions, what goes never with or before what comes', () => {
  const shape = fc.record({ first: fc.nat(90), last: fc.nat(90) });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 12 }), fc.integer({ min: 1, max: 300 }), (shapes, most) => {
      const plans = shapes
        .map(({ first, last }, index) => planOf(index + 1, first, last))
        .filter(({ first, last }) => first.length + last.length > 0);
      const all = [...taken(new Portions(plans), most)];
      assert.ok(all.every(({ length }) => length > 0 && length <= most));
      for (const { key, first, last } of plans) {
        const port = Number(key.split(':')[1]);
        const places = all.flatMap((portion, index) =>
          portion.filter((operation) => portOf(operation) === port).map((operation) => ({ index, operation })),
        );
        assert.deepEqual(
          places.map(({ operation }) => operation),
          [...first, ...last],
        );
        const coming = places.filter(({ operation }) => operation.type === 'add-destination');
        const going = places.find(({ operation }) => operation.type === 'delete-destination');
        assert.ok(coming.length === 0 || going === undefined || (coming.at(-1)?.index ?? 0) < going.index);
      }
    }),
  );
});

test('large services come after small ones, which keep their order', () => {
  const plans = [planOf(1, 500, 0), planOf(2, 0, 3), planOf(3, 100, 0), planOf(4, 2, 2)];
  const order = [...taken(new Portions(plans), 10_000)].flat().map(portOf);
  assert.deepEqual([...new Set(order)], [2, 4, 3, 1]);
});

test('what waits for others can be withheld, and a service left out', () => {
  const portions = new Portions([planOf(1, 2, 2), planOf(2, 2, 2), planOf(3, 0, 2), planOf(4, 300, 1)]);
  assert.equal(portions.next(10).length, 10);
  portions.withhold(new Set(['tcp 192.0.2.1:1', 'tcp 192.0.2.1:4']));
  assert.deepEqual(portions.next(10).map(portOf), [2, 2, 4, 4, 4, 4, 4, 4, 4, 4]);
  portions.skip(new Set(['tcp 192.0.2.1:4']));
  assert.ok(portions.isEmpty);
});
