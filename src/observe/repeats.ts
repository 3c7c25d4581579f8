/** Keeps a flapping server from flooding the log: what comes again and again is counted. */

import { performance } from 'node:perf_hooks';

export interface RepeatsOptions<T> {
  /** Tells an entry; `times` is how often it came since it was last told, at least 1. */
  readonly tell: (entry: T, times: number) => void;
  /** How often entries of one key are told within a window. */
  readonly limit?: number;
  /** Milliseconds. */
  readonly window?: number;
  /** Keys that are remembered at most. */
  readonly bound?: number;
}

interface Seen<T> {
  readonly since: number;
  count: number;
  withheld: number;
  last: T;
}

/**
 * The first entries of a key within a window are told as they come; the rest are withheld, and at the window's
 * end the last of them is told with their number.
 */
export class Repeats<T> {
  readonly #options: Required<RepeatsOptions<T>>;
  readonly #seen = new Map<string, Seen<T>>();
  #sweep: NodeJS.Timeout | null = null;

  constructor(options: RepeatsOptions<T>) {
    this.#options = { limit: 5, window: 60_000, bound: 4096, ...options };
  }

  take(key: string, entry: T): void {
    const { limit, tell, bound } = this.#options;
    this.#expire();
    const seen = this.#seen.get(key);
    if (seen === undefined) {
      const oldest = this.#seen.size >= bound ? this.#seen.keys().next().value : undefined;
      if (oldest !== undefined) this.#end(oldest);
      this.#seen.set(key, { since: performance.now(), count: 1, withheld: 0, last: entry });
      tell(entry, 1);
      return;
    }
    seen.count += 1;
    if (seen.count <= limit) {
      tell(entry, 1);
      return;
    }
    seen.withheld += 1;
    seen.last = entry;
    this.#sweep ??= setInterval(() => this.#expire(), Math.min(1_000, this.#options.window)).unref();
  }

  /** Tells what is withheld. */
  close(): void {
    for (const key of [...this.#seen.keys()]) this.#end(key);
    this.#rest();
  }

  #expire(): void {
    const past = performance.now() - this.#options.window;
    // A map keeps the order of insertion: the first that still lasts ends the search.
    for (const [key, { since }] of this.#seen) {
      if (since > past) break;
      this.#end(key);
    }
    if (this.#seen.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#sweep) clearInterval(this.#sweep);
    this.#sweep = null;
  }

  #end(key: string): void {
    const seen = this.#seen.get(key);
    this.#seen.delete(key);
    if (seen !== undefined && seen.withheld > 0) this.#options.tell(seen.last, seen.withheld);
  }
}
