/**
 * What the balancer's thread counts of a service or a destination, in memory that the main thread reads when it likes:
 * neither asks the other.
 */

import type { DestinationStatistics, Traffic, TrafficCounts } from '../table.js';

/** Where one service or destination is counted. */
export interface Counted {
  readonly memory: SharedArrayBuffer;
  /** Among those of this memory. */
  readonly index: number;
}

const at = { active: 0, inactive: 1, totals: 2, rates: 7 } as const;
/** Numbers of each; those of `totals` and `rates` are connections, packets and bytes in and out. */
const width = 12;
const kinds = 5;
/** Places of one memory. */
const places = 256;
/** Milliseconds from one look at the rates to the next, and the part of what is new in them: the kernel's. */
export const rateEvery = 2_000;
const rateShare = 0.25;

/** By memory: an array of its own for each place would take longer to make than all that is read of it. */
const arrays = new WeakMap<SharedArrayBuffer, Float64Array>();

function numbersOf({ memory }: Counted): Float64Array {
  const known = arrays.get(memory);
  if (known !== undefined) return known;
  const numbers = new Float64Array(memory);
  arrays.set(memory, numbers);
  return numbers;
}

/** What the thread writes. A destination's traffic is its service's, too. */
export class Counts {
  readonly #numbers: Float64Array;
  readonly #at: number;
  readonly #service: Counts | null;
  /** Totals as the rates were looked at last. */
  readonly #before: Float64Array;

  constructor(counted: Counted, service: Counts | null) {
    this.#numbers = numbersOf(counted);
    this.#at = counted.index * width;
    this.#service = service;
    this.#before = this.#numbers.slice(this.#at + at.totals, this.#at + at.totals + kinds);
  }

  connection(): void {
    this.#add(at.totals, 1);
    this.#service?.connection();
  }

  /** Of a client: one packet, or what of a stream was read at once. */
  received(bytes: number): void {
    this.#add(at.totals + 1, 1);
    this.#add(at.totals + 3, bytes);
    this.#service?.received(bytes);
  }

  /** To a client. */
  answered(bytes: number): void {
    this.#add(at.totals + 2, 1);
    this.#add(at.totals + 4, bytes);
    this.#service?.answered(bytes);
  }

  hold(active: number, inactive: number): void {
    this.#numbers[this.#at + at.active] = active;
    this.#numbers[this.#at + at.inactive] = inactive;
  }

  /** To be called every `rateEvery` milliseconds. */
  estimate(): void {
    const seconds = rateEvery / 1000;
    for (let kind = 0; kind < kinds; kind += 1) {
      const total = this.#numbers[this.#at + at.totals + kind] ?? 0;
      const place = this.#at + at.rates + kind;
      const rate = this.#numbers[place] ?? 0;
      const now = (total - (this.#before[kind] ?? 0)) / seconds;
      this.#before[kind] = total;
      this.#numbers[place] = rate + (now - rate) * rateShare;
    }
  }

  #add(which: number, change: number): void {
    const place = this.#at + which;
    this.#numbers[place] = (this.#numbers[place] ?? 0) + change;
  }
}

/** Places for the main thread to give away. */
export class CountedPlaces {
  #free: Counted[] = [];

  take(): Counted {
    if (this.#free.length === 0) {
      const memory = new SharedArrayBuffer(places * width * Float64Array.BYTES_PER_ELEMENT);
      this.#free = Array.from({ length: places }, (_, index) => ({ memory, index: places - 1 - index }));
    }
    const place = this.#free.pop();
    if (place === undefined) throw new Error('there is no place to count in');
    numbersOf(place).fill(0, place.index * width, (place.index + 1) * width);
    return place;
  }

  /** Nobody counts there any more. */
  give(place: Counted): void {
    this.#free.push(place);
  }
}

export function statisticsAt(place: Counted): DestinationStatistics {
  const numbers = numbersOf(place);
  const first = place.index * width;
  return {
    activeConnections: numbers[first + at.active] ?? 0,
    inactiveConnections: numbers[first + at.inactive] ?? 0,
  };
}

export function trafficAt(place: Counted): Traffic {
  const numbers = numbersOf(place);
  const first = place.index * width;
  return { total: countsFrom(numbers, first + at.totals), rate: countsFrom(numbers, first + at.rates) };
}

/** Of a thread that is gone: nothing is held any more, nor does anything pass. */
export function forgetHeld(place: Counted): void {
  const numbers = numbersOf(place);
  const first = place.index * width;
  numbers.fill(0, first, first + at.totals);
  numbers.fill(0, first + at.rates, first + at.rates + kinds);
}

function countsFrom(numbers: Float64Array, first: number): TrafficCounts {
  const count = (kind: number): bigint => BigInt(Math.round(numbers[first + kind] ?? 0));
  return {
    connections: count(0),
    inPackets: count(1),
    outPackets: count(2),
    inBytes: count(3),
    outBytes: count(4),
  };
}
