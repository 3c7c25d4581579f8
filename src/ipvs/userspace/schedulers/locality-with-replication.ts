/**
 * lblcr: as lblc, but an address leads to a set of candidates, of which the one with the least to do is chosen. When
 * that is too busy another one joins the set; one that has not changed for a day loses who has the most to do (the
 * kernel's ip_vs_lblcr).
 */

import { AddressTable, EXPIRATION } from './address-table.js';
import { NamedLoad, nameOf } from './named-load.js';
import type { Arrival, Candidate, Client, Scheduler } from './scheduler.js';

interface ServerSet {
  /** Names of candidates, the last one that joined first. Some may have left the service, and may come back. */
  names: readonly string[];
  changed: number;
}

/** Names that a set may have beyond those of the service's candidates. */
const GONE = 64;

export class LocalityWithReplication<C extends Candidate> implements Scheduler<C> {
  readonly #load = new NamedLoad<C>();
  readonly #addresses = new AddressTable<ServerSet>();

  update(candidates: readonly C[]): void {
    this.#load.update(candidates);
  }

  choose(_client: Client, { address, now }: Arrival): C | null {
    this.#load.advance(now);
    const set = this.#addresses.get(address, now);
    const known = set && this.#among(set, now);
    if (known && !this.#load.isTooBusy(known)) return this.#load.begin(known);
    const least = this.#load.least();
    if (!least) return null;
    if (set) this.#join(set, nameOf(least), now);
    else this.#addresses.set(address, { names: [nameOf(least)], changed: now }, now);
    return this.#load.begin(least);
  }

  #among(set: ServerSet, now: number): C | null {
    const members = this.#members(set);
    const least = this.#load.leastOf(members);
    if (set.names.length > 1 && now - set.changed > EXPIRATION) {
      const most = this.#load.mostOf(members);
      if (most) change(set, without(set.names, nameOf(most)), now);
    }
    return least;
  }

  #join(set: ServerSet, name: string, now: number): void {
    if (set.names.includes(name)) return;
    const kept =
      set.names.length < this.#load.count + GONE
        ? set.names
        : set.names.filter((one) => this.#load.called(one) !== undefined);
    change(set, [name, ...kept], now);
  }

  #members({ names }: ServerSet): C[] {
    return names.map((name) => this.#load.called(name)).filter((member) => member !== undefined);
  }
}

function change(set: ServerSet, names: readonly string[], now: number): void {
  set.names = names;
  set.changed = now;
}

function without(names: readonly string[], name: string): string[] {
  return names.filter((one) => one !== name);
}
