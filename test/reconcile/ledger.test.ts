import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationKey, type Entry, type Observed, type ObservedTable, observe } from '../../src/ipvs/table.js';
import type { Desired } from '../../src/reconcile/desired.js';
import { Ledger, type Survey } from '../../src/reconcile/ledger.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';
import { wantedOf } from '../helpers/standings.js';

const text = [1, 2, 3].map((index) => `virtual=192.0.2.${index}:80\n\treal=10.0.0.1:80 gate 1\n`).join('');
const nobody = new Set<string>();

/** As it is wanted. */
function tableOf(wanted: Desired): Map<string, Entry<Observed>> {
  const entries = [...wanted].map(([key, { service, destinations }]): [string, Entry<Observed>] => {
    return [key, { service, destinations: observed(destinations) }];
  });
  return new Map(entries);
}

function observed(destinations: Entry['destinations']): Map<string, Observed> {
  return new Map([...destinations].map(([place, one]) => [place, observe(one, undefined)]));
}

function look(ledger: Ledger, wanted: Desired, table: ObservedTable, purge = false): Survey {
  ledger.begin(wanted, null, nobody, purge);
  return atOnce(ledger.survey(wanted, table, true));
}

function operationsIn({ plans }: Survey): string[] {
  return plans.flatMap(({ first, last }) => [...first, ...last].map(({ type }) => type));
}

test('what stands as it is wanted needs nothing, and is known to have been left so', () => {
  const ledger = new Ledger(1_000);
  const wanted = wantedOf(configOf(text), () => true);
  const found = look(ledger, wanted, tableOf(wanted));
  assert.deepEqual([operationsIn(found), found.differences, ledger.left], [[], 0, wanted]);
  const without = tableOf(wanted);
  const [key = '', entry] = [...without][1] ?? [];
  without.set(key, { service: entry?.service ?? assert.fail(), destinations: new Map() });
  const again = look(ledger, wanted, without);
  assert.deepEqual(operationsIn(again), ['add-destination']);
  assert.deepEqual(
    again.drift.map(({ type }) => type),
    ['add-destination'],
  );
});

test('what is wanted otherwise than it was left, and stands so already, somebody else has changed', () => {
  const ledger = new Ledger(1_000);
  const before = wantedOf(configOf(text), () => true);
  const after = wantedOf(configOf(text.replace('gate 1', 'gate 5')), () => true);
  look(ledger, before, tableOf(before));
  const found = look(ledger, after, tableOf(after));
  assert.deepEqual(operationsIn(found), []);
  assert.deepEqual(
    found.drift.map(({ type }) => type),
    ['edit-destination'],
  );
  assert.deepEqual(look(ledger, after, tableOf(after)).drift, [], 'told once');
});

test('what somebody added to a service that is in order goes with a new configuration, though nothing has changed since', () => {
  const ledger = new Ledger(1_000);
  const wanted = wantedOf(configOf(text), () => true);
  const table = tableOf(wanted);
  const [key = '', entry = assert.fail()] = [...table][0] ?? [];
  const [one = assert.fail()] = entry.destinations.values();
  const added = { ...one, address: '10.0.0.99' };
  table.set(key, { ...entry, destinations: new Map([...entry.destinations, [destinationKey(added), added]]) });
  assert.deepEqual(operationsIn(look(ledger, wanted, table)), []);
  assert.deepEqual(operationsIn(look(ledger, wanted, table)), []);
  assert.deepEqual(operationsIn(look(ledger, wanted, table, true)), ['delete-destination']);
});
