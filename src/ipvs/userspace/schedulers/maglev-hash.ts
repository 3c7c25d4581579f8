/**
 * mh: by the client's address, as sh, but so that few other clients move when a destination comes or goes: Maglev's
 * table (the kernel's ip_vs_mh). Each candidate has an order of its own in which it would take the places of the table;
 * in turn each takes as many of those still free as its weight says.
 *
 * A weight of 0 leaves the table as it is: whose destination takes no connections is turned away or, with mh-fallback,
 * goes to another, and comes back with it.
 */

import { fold } from './address-hash.js';
import { greatestCommonDivisor } from './divisor.js';
import { available, type Candidate, type Client, type Scheduler } from './scheduler.js';
import { hashWord } from './siphash.js';
import type { HashFlags } from './source-hash.js';

/** The kernel's CONFIG_IP_VS_MH_TAB_INDEX as distributions build it, 12: a prime number of places, and bits of a turn. */
const PLACES = 4093;
const TURN_BITS = 6;

/** The keys of generate_hash_secret. */
const PLACE_KEY = 2654435761;
const SKIP_KEY = 2654446892;

export class MaglevHash<C extends Candidate> implements Scheduler<C> {
  readonly #flags: HashFlags;
  #candidates: readonly C[] = [];
  /** Empty where nobody has a weight. */
  #places: readonly C[] = [];

  constructor(flags: HashFlags) {
    this.#flags = flags;
  }

  update(candidates: readonly C[]): void {
    this.#candidates = candidates;
    this.#places = fill(candidates);
  }

  choose({ address, port }: Client): C | null {
    const key = fold(address) + (this.#flags.port ? port : 0);
    const first = placeOf(key);
    const wanted = this.#places[first];
    if (!wanted) return null;
    if (available(wanted)) return wanted;
    return this.#flags.fallback ? this.#instead(key, first) : null;
  }

  /** At places that hash from the key and numbers after that of the first place. It may miss who has few of them. */
  #instead(key: number, first: number): C | null {
    if (!this.#candidates.some(available)) return null;
    for (let step = 0; step < PLACES; step++) {
      const candidate = this.#places[placeOf(key + ((first + step) % PLACES))];
      if (candidate && available(candidate)) return candidate;
    }
    return null;
  }
}

function placeOf(key: number): number {
  return hashWord(key, PLACE_KEY) % PLACES;
}

/** A candidate as it fills the table. */
interface Filling<C> {
  readonly candidate: C;
  /** The next place that it would take, and how far from there the one after that is. */
  place: number;
  readonly skip: number;
  /** Places that it takes in a turn. */
  readonly turn: number;
}

function fill<C extends Candidate>(candidates: readonly C[]): C[] {
  const fillings = order(candidates);
  const places = new Array<C | undefined>(fillings.length === 0 ? 0 : PLACES).fill(undefined);
  let free = places.length;
  while (free > 0) {
    for (const filling of fillings) {
      for (let taken = 0; taken < filling.turn && free > 0; taken++, free--) {
        while (places[filling.place] !== undefined) filling.place = (filling.place + filling.skip) % PLACES;
        places[filling.place] = filling.candidate;
      }
    }
  }
  return places.filter((candidate) => candidate !== undefined);
}

/** Those with a weight, which is reduced to what a turn can be (ip_vs_mh_gcd_weight, ip_vs_mh_shift_weight). */
function order<C extends Candidate>(candidates: readonly C[]): Filling<C>[] {
  const divisor = candidates.reduce((common, { lastWeight }) => greatestCommonDivisor(common, lastWeight), 0) || 1;
  const greatest = candidates.reduce((most, { lastWeight }) => Math.max(most, lastWeight), 0) / divisor;
  const shift = Math.max(32 - Math.clz32(greatest) - TURN_BITS, 0);
  return candidates
    .filter(({ lastWeight }) => lastWeight > 0)
    .map((candidate) => {
      const key = fold(candidate.address) + candidate.port;
      return {
        candidate,
        place: placeOf(key),
        skip: (hashWord(key, SKIP_KEY) % (PLACES - 1)) + 1,
        turn: Math.max((candidate.lastWeight / divisor) >> shift, 1),
      };
    });
}
