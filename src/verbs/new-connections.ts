/** How many new connections come, from one look at a director after another. */

import type { Status } from '../status/model.js';

/** Milliseconds over which they are counted, at least. */
const window = 2_000;

interface Look {
  readonly at: number;
  readonly connections: number;
}

export class NewConnections {
  #looks: readonly Look[] = [];

  /**
   * In a second, `at` milliseconds of one clock; infinite as long as it has not been counted for long enough; null where
   * nobody counts them.
   */
  at(status: Pick<Status, 'virtuals'>, at: number): number | null {
    const connections = connectionsIn(status);
    if (connections === null) return null;
    // The table, and what it has counted, may be another one now.
    const before = connections < (this.#looks.at(-1)?.connections ?? 0) ? [] : this.#looks;
    const from = before.findLast((look) => at - look.at >= window);
    this.#looks = [...before.filter((look) => from === undefined || look.at >= from.at), { at, connections }];
    return from === undefined ? Number.POSITIVE_INFINITY : ((connections - from.connections) * 1_000) / (at - from.at);
  }
}

/** Since the services stand; of those whose addresses are announced, or of all where none are. */
function connectionsIn({ virtuals }: Pick<Status, 'virtuals'>): number | null {
  const announced = virtuals.filter(({ announcement }) => announcement !== null);
  const counted = announced.length > 0 ? announced : virtuals;
  const totals = counted.map(({ traffic }) => traffic?.total.connections ?? null);
  return totals.includes(null) ? null : totals.reduce<number>((sum, total) => sum + (total ?? 0), 0);
}
