/** Work on request that leaves the processor to others for as long as it took. */

import { performance } from 'node:perf_hooks';

export interface PacedOptions {
  /** Milliseconds of rest at least, in which requests gather. */
  readonly shortestRest?: number;
  /** Milliseconds of rest at most, however long the work took. */
  readonly longestRest?: number;
}

/**
 * A request alone is met at once. Requests that come while the work runs, and for as long again, are met together:
 * many of them become few runs, and half of the time is left over.
 */
export class Paced {
  readonly #work: () => Promise<void>;
  readonly #options: Required<PacedOptions>;
  /** Milliseconds of performance.now(). */
  #restUntil = 0;
  #running = false;
  #requested = false;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  #closed = false;

  /** `work` must not reject. */
  constructor(work: () => Promise<void>, options: PacedOptions = {}) {
    this.#work = work;
    this.#options = { shortestRest: 2, longestRest: 500, ...options };
  }

  /** Returns at once. What is requested in one turn of the loop is met together in any case. */
  request(): void {
    if (this.#closed || this.#requested) return;
    this.#requested = true;
    if (!this.#running) this.#schedule();
  }

  /** No run begins any more. */
  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#immediate) clearImmediate(this.#immediate);
  }

  #schedule(): void {
    const rest = this.#restUntil - performance.now();
    if (rest > 0) this.#timer = setTimeout(() => void this.#run(), rest);
    else this.#immediate = setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    this.#requested = false;
    this.#running = true;
    const started = performance.now();
    await this.#work();
    const ended = performance.now();
    const { shortestRest, longestRest } = this.#options;
    this.#restUntil = ended + Math.min(longestRest, Math.max(shortestRest, ended - started));
    this.#running = false;
    if (this.#requested && !this.#closed) this.#schedule();
  }
}
