import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import type { Config, RealServer } from '../../src/model/config.js';
import { serverName } from '../../src/model/names.js';
import { unknownOrigin } from '../../src/model/origin.js';
import { alwaysActive } from '../../src/model/role.js';
import { nothingAsked } from '../../src/overrides/in-force.js';
import { type Circumstances, forecastInSlices } from '../../src/reconcile/forecast.js';
import { plan } from '../../src/reconcile/plan.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';
import { wantedOf } from '../helpers/standings.js';

const before = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 5
	real=10.0.0.2:80 masq 3
	fallback=127.0.0.1:80
virtual=192.0.2.2:80
	real=10.0.0.1:80 masq
`);

/** As a daemon leaves the table while all servers but `down` are well, and asked about the same configuration. */
async function standing(down: readonly string[]): Promise<Circumstances> {
  const backend = new MemoryBackend();
  const isUp = (real: RealServer): boolean => !down.includes(serverName(real));
  const wanted = wantedOf(before, isUp);
  await backend.apply(plan(wanted, new Map(), new Set()));
  const table = await backend.read();
  const owned = new Set(wanted.keys());
  const evidence = { isUp, isDecided: () => true, isRefused: () => false, policyHoldOf: () => null };
  return {
    table,
    owned,
    removed: new Map(),
    overrides: nothingAsked,
    role: alwaysActive,
    now: 0,
    evidence,
    before: null,
  };
}

/** The same where the first result of a check is to decide about some. */
function awaiting(found: Circumstances, isAwaited: (real: RealServer) => boolean): Circumstances {
  return { ...found, evidence: { ...found.evidence, isDecided: (real) => !isAwaited(real) } };
}

const forecast = (config: Config, circumstances: Circumstances) => atOnce(forecastInSlices(config, circumstances));

const words = (operations: readonly Operation[]): string[] =>
  operations.map((operation) => {
    if (!('destination' in operation)) return operation.type;
    const weight = operation.type === 'delete-destination' ? '' : ` ${operation.destination.weight}`;
    return `${operation.type} ${operation.destination.address}${weight}`;
  });

test('the configuration that rules changes nothing, whoever is down', async () => {
  for (const down of [[], ['10.0.0.1:80'], ['10.0.0.1:80', '10.0.0.2:80']]) {
    assert.deepEqual(words(forecast(before, await standing(down)).operations), []);
  }
});

test('health stays what it is, who waits for a check comes once that passes, what goes goes', async () => {
  const after = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 7
	real=10.0.0.2:80 masq 4
	real=10.0.0.3:80 masq
	fallback=127.0.0.1:80
`);
  const found = await standing(['10.0.0.2:80', '10.0.0.3:80']);
  const made = forecast(
    after,
    awaiting(found, (real) => serverName(real) === '10.0.0.3:80'),
  );
  assert.deepEqual(words(made.operations), [
    'edit-destination 10.0.0.1 7',
    'add-destination 10.0.0.3 1',
    'delete-destination 10.0.0.1',
    'delete-service',
  ]);
  assert.deepEqual(words([...made.awaited]), ['add-destination 10.0.0.3 1']);
  assert.deepEqual(made.meanwhile, []);
});

test('what stands until checks have passed is told, and what goes with that', async () => {
  const after = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 5
	fallback=127.0.0.1:80
	checktype=connect
virtual=192.0.2.9:80
	real=10.0.0.1:80 masq
	real=10.0.0.2:80 masq
	quiescent=yes
	fallback=127.0.0.1:80
`);
  const found = await standing(['10.0.0.1:80', '10.0.0.2:80']);
  const made = forecast(
    after,
    awaiting(found, () => true),
  );
  assert.deepEqual(words(made.operations), [
    'add-destination 10.0.0.1 5',
    'delete-destination 127.0.0.1',
    'add-service',
    'add-destination 10.0.0.1 1',
    'add-destination 10.0.0.2 1',
    'delete-service',
  ]);
  assert.deepEqual(words([...made.awaited]), [
    'add-destination 10.0.0.1 5',
    'delete-destination 127.0.0.1',
    'add-destination 10.0.0.1 1',
    'add-destination 10.0.0.2 1',
  ]);
  assert.deepEqual(words(made.meanwhile), [
    'add-destination 10.0.0.1 0',
    'add-destination 10.0.0.2 0',
    'add-destination 127.0.0.1 1',
  ]);
});

test('who is held or weighed by hand stays so', async () => {
  const circumstances = await standing([]);
  const virtual = '192.0.2.1:80';
  const byHand = [
    { kind: 'drain', server: '10.0.0.1:80', virtual, weight: 0, until: null, ...unknownOrigin },
    { kind: 'weight', server: '10.0.0.2:80', virtual, weight: 9, until: null, ...unknownOrigin },
  ] as const;
  const made = forecast(before, { ...circumstances, overrides: { ...nothingAsked, byHand } });
  assert.deepEqual(words(made.operations), ['edit-destination 10.0.0.2 9', 'edit-destination 10.0.0.1 0']);
});

test('what is not ours stays', async () => {
  const found = { ...(await standing([])), owned: new Set<string>() };
  assert.deepEqual(words(forecast(configOf(''), found).operations), []);
  assert.equal(forecast(before, { ...found, table: new Map() }).operations.length, 5);
});

test('a fallback that comes before the one that serves takes over once its check passes', async () => {
  const serving = await standing(['10.0.0.1:80', '10.0.0.2:80']);
  const chain = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 masq 5
	real=10.0.0.2:80 masq 3
	fallback=127.0.0.2:80
	fallback=127.0.0.1:80
	fallbackcheck=yes
virtual=192.0.2.2:80
	real=10.0.0.1:80 masq
`);
  const isUp = (real: RealServer): boolean => serverName(real) === '127.0.0.1:80';
  const found = { ...serving, evidence: { ...serving.evidence, isUp } };
  const { operations, awaited } = forecast(
    chain,
    awaiting(found, (real) => serverName(real) === '127.0.0.2:80'),
  );
  assert.deepEqual(words(operations), ['add-destination 127.0.0.2 1', 'delete-destination 127.0.0.1']);
  assert.equal(awaited.size, 2);
  assert.deepEqual(words(forecast(chain, found).operations), []);
});
