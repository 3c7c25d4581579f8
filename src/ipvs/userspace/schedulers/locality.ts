/**
 * lblc: all clients of one address go to the same candidate, chosen as wlc chooses, until that has more active
 * connections than its weight while another has less than half of its own (the kernel's ip_vs_lblc). It is made for
 * caches that a proxy's clients are led to by many addresses; a service of ours has one.
 *
 * As in the kernel the upper threshold of the candidate that an address leads to does not count.
 */

import { AddressTable } from './address-table.js';
import { NamedLoad, nameOf } from './named-load.js';
import type { Arrival, Candidate, Client, Scheduler } from './scheduler.js';

export class Locality<C extends Candidate> implements Scheduler<C> {
  readonly #load = new NamedLoad<C>();
  /** The candidate's name. */
  readonly #addresses = new AddressTable<string>();

  update(candidates: readonly C[]): void {
    this.#load.update(candidates);
  }

  choose(_client: Client, { address, now }: Arrival): C | null {
    this.#load.advance(now);
    const name = this.#addresses.get(address, now);
    const known = name === null ? undefined : this.#load.called(name);
    if (known && known.weight > 0 && !this.#load.isTooBusy(known)) return this.#load.begin(known);
    const least = this.#load.least();
    if (!least) return null;
    this.#addresses.set(address, nameOf(least), now);
    return this.#load.begin(least);
  }
}
