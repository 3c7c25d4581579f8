/** How many servers are what: the same in listings, on the page, in the API and for the service manager. */

import type { Counts, ServerState, VirtualStatus } from './model.js';

const nobody: Counts = {
  services: 0,
  inUse: 0,
  belowMinimum: 0,
  servers: 0,
  up: 0,
  down: 0,
  unknown: 0,
  drained: 0,
  held: 0,
  kept: 0,
  unused: 0,
};

/** What is counted of a virtual. */
export interface Countable extends Pick<VirtualStatus, 'inUse'> {
  readonly minimum: unknown;
  readonly states: Iterable<ServerState>;
}

/** Counts one service after another. */
export class Counting {
  readonly #counts = { ...nobody };

  add({ inUse, minimum, states }: Countable): void {
    const counts = this.#counts;
    counts.services += 1;
    if (inUse) counts.inUse += 1;
    if (minimum !== null) counts.belowMinimum += 1;
    for (const state of states) {
      counts.servers += 1;
      counts[state] += 1;
    }
  }

  get counts(): Counts {
    return { ...this.#counts };
  }
}

export function countsOf(
  virtuals: Iterable<Omit<Countable, 'states'> & { readonly servers: readonly { readonly state: ServerState }[] }>,
): Counts {
  const counting = new Counting();
  for (const { inUse, minimum, servers } of virtuals) {
    counting.add({ inUse, minimum, states: servers.map(({ state }) => state) });
  }
  return counting.counts;
}

/** Beside those that are up, in the order of what people ask first. */
const others = ['drained', 'held', 'kept', 'unused', 'unknown'] as const satisfies readonly ServerState[];

/** `3 services, 17 of 18 servers up; drained 1, 1 below minimum`. */
export function countsText(counts: Counts): string {
  const { services, servers, others } = countsParts(counts);
  return `${services}, ${servers}${others}`;
}

/** The same in its parts, for those who have no room for all: `others` with what goes before it, or empty. */
export function countsParts(counts: Counts) {
  const { services, servers, up, belowMinimum } = counts;
  const more = [
    ...others.filter((state) => counts[state] > 0).map((state) => `${state} ${counts[state]}`),
    ...(belowMinimum > 0 ? [`${belowMinimum} below minimum`] : []),
  ];
  return {
    services: `${services} service${services === 1 ? '' : 's'}`,
    servers: `${up} of ${servers} server${servers === 1 ? '' : 's'} up`,
    others: more.length === 0 ? '' : `; ${more.join(', ')}`,
  };
}
