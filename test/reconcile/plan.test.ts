import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import {
  type Destination,
  destinationKey,
  type Entry,
  type ObservedTable,
  type Service,
  sameDestination,
  sameService,
  serviceKey,
  type Table,
} from '../../src/ipvs/table.js';
import { plan } from '../../src/reconcile/plan.js';

const service: Service = {
  protocol: 'tcp',
  family: 'inet',
  address: '192.0.2.1',
  port: 80,
  scheduler: 'wrr',
  schedflags: [],
  persistent: 0,
  netmask: 32,
  ops: false,
};

function to(host: number, weight: number): Destination {
  return { address: `10.0.0.${host}`, port: 80, forward: 'masq', weight, upperThreshold: 0, lowerThreshold: 0 };
}

function entryOf(of: Service, destinations: readonly Destination[]): Entry {
  return { service: of, destinations: new Map(destinations.map((each) => [destinationKey(each), each])) };
}

function tableOf(...entries: Entry[]): Table {
  return new Map(entries.map((entry) => [serviceKey(entry.service), entry]));
}

/** The table as a backend holds it after these were put in. */
async function standing(table: Table): Promise<{ backend: MemoryBackend; observed: ObservedTable }> {
  const backend = new MemoryBackend();
  for (const { service: each, destinations } of table.values()) {
    const adding = [...destinations.values()].map(
      (destination): Operation => ({ type: 'add-destination', service: each, destination }),
    );
    await backend.apply([{ type: 'add-service', service: each }, ...adding]);
  }
  return { backend, observed: await backend.read() };
}

/** `type address weight` of each operation. */
function render(operations: readonly Operation[]): string[] {
  return operations.map((operation) => {
    if (!('destination' in operation)) return operation.type;
    const weight = operation.type === 'delete-destination' ? '' : ` ${operation.destination.weight}`;
    return `${operation.type} ${operation.destination.address}${weight}`;
  });
}

async function planned(wanted: Table, actual: Table, owned: string[] = []): Promise<string[]> {
  return render(plan(wanted, (await standing(actual)).observed, new Set(owned)));
}

test('equal tables need nothing', async () => {
  const table = tableOf(entryOf(service, [to(1, 1)]));
  assert.deepEqual(await planned(table, table), []);
});

test('what adds or raises comes before what lowers or removes', async () => {
  const actual = tableOf(entryOf(service, [to(1, 5), to(2, 0), to(3, 1)]));
  const wanted = tableOf(entryOf(service, [to(1, 1), to(2, 4), to(4, 1)]));
  assert.deepEqual(await planned(wanted, actual), [
    'edit-destination 10.0.0.2 4',
    'add-destination 10.0.0.4 1',
    'edit-destination 10.0.0.1 1',
    'delete-destination 10.0.0.3',
  ]);
});

test('a service whose settings differ is edited in place', async () => {
  const wanted = tableOf(entryOf({ ...service, scheduler: 'wlc' }, [to(1, 1)]));
  assert.deepEqual(await planned(wanted, tableOf(entryOf(service, [to(1, 1)]))), ['edit-service']);
});

test('a service that is not wanted goes only where it is ours', async () => {
  const actual = tableOf(entryOf(service, [to(1, 1)]));
  assert.deepEqual(await planned(tableOf(), actual), []);
  assert.deepEqual(await planned(tableOf(), actual, [serviceKey(service)]), [
    'delete-destination 10.0.0.1',
    'delete-service',
  ]);
});

const destinations = fc
  .uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 6 })
  .chain((hosts) => fc.tuple(...hosts.map((host) => fc.integer({ min: 0, max: 3 }).map((weight) => to(host, weight)))));

const tables = fc
  .uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  .chain((ports) =>
    fc.tuple(
      ...ports.map((port) =>
        fc
          .tuple(fc.constantFrom('rr', 'wrr'), destinations)
          .map(([scheduler, each]) => entryOf({ ...service, port, scheduler }, each)),
      ),
    ),
  )
  .map((entries) => tableOf(...entries));

function servingSomebody(table: ObservedTable, key: string): boolean {
  return [...(table.get(key)?.destinations.values() ?? [])].some(({ weight }) => weight > 0);
}

test('any plan, applied, gives the wanted table, and a service that serves before and after serves all the way', async () => {
  await fc.assert(
    fc.asyncProperty(tables, tables, async (wanted, actual) => {
      const { backend, observed } = await standing(actual);
      const always = [...wanted.keys()].filter(
        (key) =>
          servingSomebody(observed, key) &&
          [...(wanted.get(key)?.destinations.values() ?? [])].some((d) => d.weight > 0),
      );
      for (const operation of plan(wanted, observed, new Set(actual.keys()))) {
        assert.deepEqual(await backend.apply([operation]), [null]);
        const now = await backend.read();
        for (const key of always) assert.ok(servingSomebody(now, key), `${key} stood empty`);
      }
      const result = await backend.read();
      assert.deepEqual([...result.keys()].sort(), [...wanted.keys()].sort());
      for (const [key, entry] of wanted) {
        const got = result.get(key);
        assert.ok(got && sameService(got.service, entry.service));
        assert.deepEqual([...got.destinations.keys()].sort(), [...entry.destinations.keys()].sort());
        for (const [at, each] of entry.destinations) {
          const stands = got.destinations.get(at);
          assert.ok(stands && sameDestination(stands, each));
        }
      }
      assert.deepEqual(plan(wanted, result, new Set()), [], 'a second plan is empty');
    }),
  );
});
