import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverName, virtualName } from '../../src/config/names.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { desired } from '../../src/reconcile/desired.js';
import { type Circumstances, forecast, type KnownServer } from '../../src/reconcile/forecast.js';
import { plan } from '../../src/reconcile/plan.js';
import { configOf } from '../helpers/configuration.js';

const before = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 5
	real=10.0.0.2:80 masq 3
	fallback=127.0.0.1:80
virtual=192.0.2.2:80
	real=10.0.0.1:80 masq
`);

/** As a daemon leaves the table while all servers but `down` are well. */
async function standing(down: readonly string[]): Promise<Circumstances> {
  const backend = new MemoryBackend();
  const isUp = (name: string): boolean => !down.includes(name);
  const wanted = desired(before, (_, real) => isUp(serverName(real)));
  await backend.apply(plan(wanted, new Map(), new Set()));
  const known = before.virtuals.flatMap((virtual) =>
    virtual.realServers.map(
      (real): KnownServer => ({
        virtual: virtualName(virtual),
        server: serverName(real),
        up: isUp(serverName(real)),
        hold: null,
        weight: null,
      }),
    ),
  );
  const table = await backend.read();
  return { known, table, owned: new Set(wanted.keys()), removed: new Map(), settled: () => null };
}

const words = ({ operations }: ReturnType<typeof forecast>): string[] =>
  operations.map((operation) => {
    if (!('destination' in operation)) return operation.type;
    const weight = operation.type === 'delete-destination' ? '' : ` ${operation.destination.weight}`;
    return `${operation.type} ${operation.destination.address}${weight}`;
  });

test('the configuration that rules changes nothing, whoever is down', async () => {
  for (const down of [[], ['10.0.0.1:80'], ['10.0.0.1:80', '10.0.0.2:80']]) {
    assert.deepEqual(words(forecast(before, await standing(down))), []);
  }
});

test('health stays what it is, new servers count as well and are marked, what goes goes', async () => {
  const after = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 7
	real=10.0.0.2:80 masq 4
	real=10.0.0.3:80 masq
	fallback=127.0.0.1:80
`);
  const made = forecast(after, await standing(['10.0.0.2:80']));
  assert.deepEqual(words(made), [
    'edit-destination 10.0.0.1 7',
    'add-destination 10.0.0.3 1',
    'delete-destination 10.0.0.1',
    'delete-service',
  ]);
  assert.deepEqual([...made.awaited], ['tcp 192.0.2.1:80 10.0.0.3:80']);
});

test('who is held or weighed by hand stays so', async () => {
  const circumstances = await standing([]);
  const known = circumstances.known.map((server, index): KnownServer => {
    return { ...server, hold: index === 0 ? 'drain' : null, weight: index === 1 ? 9 : null };
  });
  const made = forecast(before, { ...circumstances, known });
  assert.deepEqual(words(made), ['edit-destination 10.0.0.2 9', 'edit-destination 10.0.0.1 0']);
});

test('without a daemon nothing is ours to remove, and services of others stay', async () => {
  const { table, settled } = await standing([]);
  const nothing = { known: [], owned: new Set<string>(), removed: new Map(), settled };
  assert.deepEqual(words(forecast(configOf(''), { ...nothing, table })), []);
  const made = forecast(before, { ...nothing, table: new Map() });
  assert.equal(made.operations.length, 5);
  assert.equal(made.awaited.size, 3);
});
