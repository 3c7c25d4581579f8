/**
 * Where services and destinations are counted: memory of which each thread writes its own part, and which the main thread
 * reads when it likes. Nobody asks anybody.
 */

import type { DestinationStatistics, Traffic, TrafficCounts } from '../table.js';

/** Where one service or destination is counted. */
export interface Counted {
  /** Of these memories. */
  readonly group: number;
  /** By thread; what of the first is shared by all is written by that one alone: what is held, and the rates. */
  readonly memories: readonly SharedArrayBuffer[];
  /** Among those of each memory. */
  readonly index: number;
}

export const at = { active: 0, inactive: 1, totals: 2, rates: 7 } as const;
/** Numbers of each; those of `totals` and `rates` are connections, packets and bytes in and out. */
export const width = 12;
export const kinds = 5;
/** Places of one memory. */
const places = 256;

/** By memory: an array of its own for each place would take longer to make than all that is read of it. */
const arrays = new WeakMap<SharedArrayBuffer, Float64Array>();

export function numbersIn(memory: SharedArrayBuffer): Float64Array {
  const known = arrays.get(memory);
  if (known !== undefined) return known;
  const numbers = new Float64Array(memory);
  arrays.set(memory, numbers);
  return numbers;
}

/** What the first thread writes. */
export function firstOf({ memories }: Counted): SharedArrayBuffer {
  const [first] = memories;
  if (first === undefined) throw new Error('there is no thread that counts');
  return first;
}

/** Places for the main thread to give away. */
export class CountedPlaces {
  readonly #threads: number;
  #free: Counted[] = [];
  #groups = 0;

  constructor(threads = 1) {
    this.#threads = threads;
  }

  take(): Counted {
    if (this.#free.length === 0) {
      const size = places * width * Float64Array.BYTES_PER_ELEMENT;
      const memories = Array.from({ length: this.#threads }, () => new SharedArrayBuffer(size));
      const group = this.#groups;
      this.#groups += 1;
      this.#free = Array.from({ length: places }, (_, index) => ({ group, memories, index: places - 1 - index }));
    }
    const place = this.#free.pop();
    if (place === undefined) throw new Error('there is no place to count in');
    const first = place.index * width;
    for (const memory of place.memories) numbersIn(memory).fill(0, first, first + width);
    return place;
  }

  /** Nobody counts there any more. */
  give(place: Counted): void {
    this.#free.push(place);
  }
}

export function statisticsAt(place: Counted): DestinationStatistics {
  const numbers = numbersIn(firstOf(place));
  const first = place.index * width;
  return {
    activeConnections: numbers[first + at.active] ?? 0,
    inactiveConnections: numbers[first + at.inactive] ?? 0,
  };
}

export function trafficAt(place: Counted): Traffic {
  const rates = numbersIn(firstOf(place));
  const first = place.index * width + at.rates;
  return { total: countsFrom((kind) => totalAt(place, kind)), rate: countsFrom((kind) => rates[first + kind] ?? 0) };
}

/** Of all threads. */
export function totalAt({ memories, index }: Counted, kind: number): number {
  const place = index * width + at.totals + kind;
  let total = 0;
  for (const memory of memories) total += numbersIn(memory)[place] ?? 0;
  return total;
}

/** Of threads that are gone: nothing is held any more, nor does anything pass. */
export function forgetHeld(place: Counted): void {
  const numbers = numbersIn(firstOf(place));
  const first = place.index * width;
  numbers.fill(0, first, first + at.totals);
  numbers.fill(0, first + at.rates, first + at.rates + kinds);
}

function countsFrom(numberOf: (kind: number) => number): TrafficCounts {
  const count = (kind: number): bigint => BigInt(Math.round(numberOf(kind)));
  return {
    connections: count(0),
    inPackets: count(1),
    outPackets: count(2),
    inBytes: count(3),
    outBytes: count(4),
  };
}
