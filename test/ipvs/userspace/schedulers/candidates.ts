/** Candidates for scheduler tests. */

import fc from 'fast-check';
import type { Arrival, Candidate, Client, Scheduler } from '../../../../src/ipvs/userspace/schedulers/scheduler.js';

export interface TestCandidate extends Candidate {
  readonly name: number;
  weight: number;
  lastWeight: number;
  overloaded: boolean;
  activeConnections: number;
  inactiveConnections: number;
}

export const client: Client = { address: '192.0.2.1', port: 40_000 };

/** Time stands still. */
export const arrival: Arrival = { address: '198.51.100.1', now: 0 };

export function candidate(name: number, settings: Partial<TestCandidate> = {}): TestCandidate {
  const { weight = 1 } = settings;
  return {
    ...{ name, address: `10.0.${name >> 8}.${name & 255}`, port: 80, weight, lastWeight: weight },
    ...{ overloaded: false, activeConnections: 0, inactiveConnections: 0 },
    ...settings,
  };
}

/** As an edit of the table does it. */
export function weigh(one: TestCandidate, weight: number): void {
  one.weight = weight;
  one.lastWeight = weight || one.lastWeight;
}

export function weighing(...weights: number[]): TestCandidate[] {
  return weights.map((weight, name) => candidate(name, { weight }));
}

/** The names of the next choices. */
export function choices(scheduler: Scheduler<TestCandidate>, count: number): (number | undefined)[] {
  return Array.from({ length: count }, () => scheduler.choose(client, arrival)?.name);
}

/** How often each of so many candidates is among the choices. */
export function tally(names: readonly (number | undefined)[], candidates: number): number[] {
  return Array.from({ length: candidates }, (_, name) => names.filter((chosen) => chosen === name).length);
}

export const anyCandidates = fc.array(
  fc.record({
    weight: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 65_535 })),
    overloaded: fc.boolean(),
    activeConnections: fc.nat(1000),
    inactiveConnections: fc.nat(1000),
  }),
  { maxLength: 8 },
);

export const anyClient: fc.Arbitrary<Client> = fc.record({
  address: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.integer({ min: 1, max: 65_535 }),
});

/** Clients come one after another, to a few addresses. */
export const anyArrivals: fc.Arbitrary<() => Arrival> = fc.infiniteStream(fc.nat({ max: 90_000_000 })).map((pauses) => {
  let now = 0;
  return () => {
    const { value: pause } = pauses.next();
    now += pause ?? 0;
    return { address: `198.51.100.${(pause ?? 0) % 5}`, now };
  };
});
