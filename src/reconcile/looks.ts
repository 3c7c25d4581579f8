/**
 * Looks at what is to be kept as it is wanted: one after another, never two at once, one more where something has changed
 * during one, and again when it is time.
 */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LooksOptions {
  /** One look: when something is to be tried again, in milliseconds of performance.now(); Infinity is never. Must not reject. */
  readonly look: () => Promise<number>;
  /** Whether there is anything to look after. */
  readonly isNeeded: () => boolean;
  /** Milliseconds: what is changed together is looked at once. */
  readonly gathering?: number;
}

const never = Number.POSITIVE_INFINITY;

export class Looks {
  readonly #options: Required<LooksOptions>;
  #delay = never;
  #timer: NodeJS.Timeout | null = null;
  #isDue = false;
  #running: Promise<void> | null = null;
  #isOver = false;

  constructor(options: LooksOptions) {
    this.#options = { gathering: 0, ...options };
  }

  /** Whether there are no more of them. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** At once, or once more after the one that runs. */
  start(): void {
    if (this.#isOver) return;
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  /** The same in a moment, in which more may come. */
  startSoon(): void {
    if (this.#isOver) return;
    if (this.#running !== null) this.#isDue = true;
    else this.#schedule(performance.now() + this.#options.gathering);
  }

  /** Milliseconds from one to the next, for what nobody tells. */
  every(delay: number): void {
    this.#delay = delay;
    this.#schedule();
  }

  /** Settles when there is nothing to be done at once, or so many milliseconds have passed. */
  async whenSettled(milliseconds: number): Promise<void> {
    const late = new AbortController();
    const over = sleep(milliseconds, undefined, { signal: late.signal }).then(
      () => late.abort(),
      () => {},
    );
    while (this.#running !== null && !late.signal.aborted) await Promise.race([this.#running, over]);
    late.abort();
  }

  /** None begins any more. Settles when the one that runs has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#schedule();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { look, gathering } = this.#options;
    let wakeAt = never;
    while (this.#isDue && !this.#isOver) {
      this.#isDue = false;
      wakeAt = await look();
      // Whoever changes things all the time takes no more than a share of the processor by it.
      if (this.#isDue && gathering > 0) await sleep(gathering);
    }
    this.#running = null;
    this.#schedule(wakeAt);
  }

  #schedule(wakeAt = never): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isOver || this.#running !== null || !this.#options.isNeeded()) return;
    const wait = Math.min(wakeAt - performance.now(), this.#delay);
    if (wait === never) return;
    this.#timer = setTimeout(() => this.start(), Math.max(0, wait)).unref();
  }
}
