/** A reconciler whose words are kept, over a table in memory that fails on request. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Failure, Operation } from '../../src/ipvs/backend.js';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import type { Entry, ObservedTable } from '../../src/ipvs/table.js';
import type { Change } from '../../src/reconcile/changes.js';
import type { Desired } from '../../src/reconcile/desired.js';
import { Reconciler } from '../../src/reconcile/reconciler.js';
import { configOf } from '../helpers/configuration.js';
import { wantedOf as wantedWhere } from '../helpers/standings.js';

/** A memory backend that fails or hangs on request, as netlink can and a test cannot provoke. */
export class Troubled extends MemoryBackend {
  refuse: ((operation: Operation) => Failure | null) | null = null;
  hang = false;
  /** What a portion waits for, before it is applied. */
  gate: ((operations: number) => Promise<void>) | null = null;
  reads = 0;
  applied = 0;
  /** Portions. */
  applies = 0;

  override async read(): Promise<ObservedTable> {
    this.reads += 1;
    if (this.hang) await new Promise(() => {});
    return super.read();
  }

  override async apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    this.applied += operations.length;
    this.applies += 1;
    await this.gate?.(operations.length);
    const refused = operations.map((operation) => this.refuse?.(operation) ?? null);
    const outcomes = await super.apply(operations.filter((_, index) => refused[index] === null));
    return refused.map((failure) => failure ?? outcomes.shift() ?? null);
  }
}

export function watched(
  t: TestContext,
  backend: MemoryBackend,
  { deadline = 10_000, lookDelay = 60_000, retryDelay = 20, isOurs = (_entry: Entry): boolean => false } = {},
) {
  const lines: string[] = [];
  const reconciler = new Reconciler(backend, {
    onChange: (change) => lines.push(render(change)),
    onDrift: (objects) => lines.push(`drift: ${objects.join(', ')}`),
    onFailure: (object, failure) => lines.push(`failed ${object}: ${failure.code}`),
    onContested: (objects) => lines.push(`contested: ${objects.join(', ')}`),
    isOurs,
    retryDelay,
    deadline,
  });
  reconciler.lookEvery(lookDelay);
  t.after(() => reconciler.close());
  return { reconciler, lines };
}

function render(change: Change): string {
  const { object, action, virtual, phase } = change;
  if (change.object === 'virtual') return `${action} ${object} ${virtual} ${phase}`;
  return `${action} ${object} ${change.server} (${virtual}) ${change.weight}`;
}

export const text = `
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate 3
	real=10.0.0.2:80 gate
	fallback=127.0.0.1:80
`;

export function wantedOf(of: string, ...up: string[]): Desired {
  return wantedWhere(configOf(of), (real) => up.includes(real.host.name));
}

export const noFallback = text.replace(/\tfallback.*\n/, '');

/** Destinations with their weights, by service. */
export async function standing(backend: MemoryBackend): Promise<Record<string, string[]>> {
  const weights = ({ destinations }: { destinations: ReadonlyMap<string, { weight: number }> }) =>
    [...destinations].map(([key, { weight }]) => `${key} ${weight}`);
  return Object.fromEntries([...(await backend.read())].map(([key, entry]) => [key, weights(entry)]));
}

export function entryOf(wanted: Desired, key = 'tcp 192.0.2.1:80') {
  const entry = wanted.get(key);
  assert.ok(entry, key);
  const { service, destinations } = entry;
  const destination = (address: string) => {
    const found = destinations.get(`${address}:80`);
    assert.ok(found, address);
    return found;
  };
  return { service, destination };
}
