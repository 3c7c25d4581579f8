/**
 * lblc: all clients of one address go to the same candidate, chosen as wlc chooses, until that has more active
 * connections than its weight while another has less than half of its own (the kernel's ip_vs_lblc). It is made for
 * caches that a proxy's clients are led to by many addresses; a service of ours has one.
 *
 * As in the kernel the upper threshold of the candidate that an address leads to does not count.
 */

import { AddressTable } from './address-table.js';
import { Load } from './load.js';
import type { Arrival, Candidate, Client, Scheduler } from './scheduler.js';

export class Locality<C extends Candidate> implements Scheduler<C> {
  readonly #load = new Load<C>(true);
  #candidates: readonly C[] = [];
  #byName: ReadonlyMap<string, C> = new Map();
  /** The candidate's name: one that leaves and comes back is the same to the kernel (ip_vs_trash_get_dest). */
  readonly #addresses = new AddressTable<string>();

  update(candidates: readonly C[]): void {
    this.#load.update(candidates);
    this.#candidates = candidates;
    this.#byName = byName(candidates);
  }

  choose(_client: Client, { address, now }: Arrival): C | null {
    this.#load.advance(now);
    const name = this.#addresses.get(address, now);
    const known = name === null ? undefined : this.#byName.get(name);
    if (known && known.weight > 0 && !isTooBusy(known, this.#candidates)) return this.#load.begin(known);
    const least = this.#load.least();
    if (!least) return null;
    this.#addresses.set(address, nameOf(least), now);
    return this.#load.begin(least);
  }
}

export function nameOf({ address, port }: Candidate): string {
  return `${address} ${port}`;
}

export function byName<C extends Candidate>(candidates: readonly C[]): Map<string, C> {
  return new Map(candidates.map((candidate) => [nameOf(candidate), candidate]));
}

/** Whether it has more to do than its weight says, and somebody else less than half of that (is_overloaded). */
export function isTooBusy(candidate: Candidate, all: readonly Candidate[]): boolean {
  if (candidate.activeConnections <= candidate.weight) return false;
  return all.some(({ activeConnections, weight }) => activeConnections * 2 < weight);
}
