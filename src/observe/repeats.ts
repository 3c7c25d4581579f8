/** Keeps a flapping server from flooding the log: what comes again and again is counted. */

import { performance } from 'node:perf_hooks';

export interface RepeatsOptions<T> {
  /** Tells an entry; `times` is how often it came since it was last told, at least 1. */
  readonly tell: (entry: T, times: number) => void;
  /** How often entries of one wording are told within a window. */
  readonly limit?: number;
  /** Milliseconds. */
  readonly window?: number;
  /** Subjects, and wordings of one subject, that are remembered at most. */
  readonly bound?: number;
}

/** What came of a subject within its window. */
interface Seen<T> {
  readonly since: number;
  /** By wording, how often it came. */
  readonly counts: Map<string, number>;
  /** By wording, what was not told; the one that came last is the last. */
  withheld: Map<string, { readonly entry: T; readonly times: number }> | null;
}

/**
 * The first entries of a wording within a window are told as they come; the rest are withheld, and at the window's
 * end the last of each wording is told with their number. What is told of a subject stays in the order in which it
 * came: the last word about it is true.
 */
export class Repeats<T> {
  readonly #options: Required<RepeatsOptions<T>>;
  readonly #seen = new Map<string, Seen<T>>();
  #sweep: NodeJS.Timeout | null = null;

  constructor(options: RepeatsOptions<T>) {
    this.#options = { limit: 5, window: 60_000, bound: 4096, ...options };
  }

  take(subject: string, wording: string, entry: T): void {
    this.#expire();
    const seen = this.#of(subject, wording);
    const count = (seen.counts.get(wording) ?? 0) + 1;
    seen.counts.set(wording, count);
    if (count <= this.#options.limit) {
      this.#tellWithheld(seen);
      this.#options.tell(entry, 1);
      return;
    }
    seen.withheld ??= new Map();
    const times = (seen.withheld.get(wording)?.times ?? 0) + 1;
    seen.withheld.delete(wording);
    seen.withheld.set(wording, { entry, times });
    this.#sweep ??= setInterval(() => this.#expire(), Math.min(1_000, this.#options.window)).unref();
  }

  /** Tells what is withheld. */
  close(): void {
    for (const subject of [...this.#seen.keys()]) this.#end(subject);
    this.#rest();
  }

  #of(subject: string, wording: string): Seen<T> {
    const { bound } = this.#options;
    const known = this.#seen.get(subject);
    if (known !== undefined && (known.counts.has(wording) || known.counts.size < bound)) return known;
    if (known !== undefined) this.#end(subject);
    const oldest = this.#seen.size >= bound ? this.#seen.keys().next().value : undefined;
    if (oldest !== undefined) this.#end(oldest);
    const seen: Seen<T> = { since: performance.now(), counts: new Map(), withheld: null };
    this.#seen.set(subject, seen);
    return seen;
  }

  #expire(): void {
    const past = performance.now() - this.#options.window;
    // A map keeps the order of insertion: the first that still lasts ends the search.
    for (const [subject, { since }] of this.#seen) {
      if (since > past) break;
      this.#end(subject);
    }
    if (this.#seen.size === 0) this.#rest();
  }

  #rest(): void {
    if (this.#sweep) clearInterval(this.#sweep);
    this.#sweep = null;
  }

  #end(subject: string): void {
    const seen = this.#seen.get(subject);
    this.#seen.delete(subject);
    if (seen !== undefined) this.#tellWithheld(seen);
  }

  #tellWithheld(seen: Seen<T>): void {
    if (seen.withheld === null) return;
    const all = seen.withheld.values();
    seen.withheld = null;
    for (const { entry, times } of all) this.#options.tell(entry, times);
  }
}
