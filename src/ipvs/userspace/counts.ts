/** What a thread of the balancer counts of a service or a destination. */

import { at, type Counted, firstOf, kinds, numbersIn, totalAt, width } from './counted.js';

/** Milliseconds from one look at the rates to the next, and the part of what is new in them: the kernel's. */
export const rateEvery = 2_000;
const rateShare = 0.25;

/** What passes through one thread. A destination's traffic is its service's, too. */
export class Meter {
  readonly #numbers: Float64Array;
  readonly #totals: number;
  readonly #service: Meter | null;

  /** `memory` is this thread's own. */
  constructor(memory: SharedArrayBuffer, index: number, service: Meter | null) {
    this.#numbers = numbersIn(memory);
    this.#totals = index * width + at.totals;
    this.#service = service;
  }

  connection(): void {
    this.#add(0, 1);
    this.#service?.connection();
  }

  /** Of a client: one packet, or what of a stream was read at once. */
  received(bytes: number): void {
    this.#add(1, 1);
    this.#add(3, bytes);
    this.#service?.received(bytes);
  }

  /** To a client. */
  answered(bytes: number): void {
    this.#add(2, 1);
    this.#add(4, bytes);
    this.#service?.answered(bytes);
  }

  #add(kind: number, change: number): void {
    const place = this.#totals + kind;
    this.#numbers[place] = (this.#numbers[place] ?? 0) + change;
  }
}

/** In the thread that chooses: what is held as well, and the rates of all threads together. */
export class Counts extends Meter {
  readonly counted: Counted;
  /** Of the service, where this is a destination. */
  readonly service: Counts | null;
  readonly #numbers: Float64Array;
  readonly #first: number;
  /** Totals as the rates were looked at last. */
  readonly #before: number[];

  constructor(counted: Counted, service: Counts | null) {
    super(firstOf(counted), counted.index, service);
    this.counted = counted;
    this.service = service;
    this.#numbers = numbersIn(firstOf(counted));
    this.#first = counted.index * width;
    this.#before = Array.from({ length: kinds }, (_, kind) => totalAt(counted, kind));
  }

  hold(active: number, inactive: number): void {
    this.#numbers[this.#first + at.active] = active;
    this.#numbers[this.#first + at.inactive] = inactive;
  }

  /** To be called every `rateEvery` milliseconds. */
  estimate(): void {
    const seconds = rateEvery / 1000;
    for (let kind = 0; kind < kinds; kind += 1) {
      const total = totalAt(this.counted, kind);
      const place = this.#first + at.rates + kind;
      const rate = this.#numbers[place] ?? 0;
      const now = (total - (this.#before[kind] ?? 0)) / seconds;
      this.#before[kind] = total;
      this.#numbers[place] = rate + (now - rate) * rateShare;
    }
  }
}
