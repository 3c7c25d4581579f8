/** Where a number is told: one telling at a time, the last number wins, and what fails is tried again. */

import { setTimeout as sleep } from 'node:timers/promises';
import { pauseAfter } from '../../reconcile/held-back.js';

export interface OutletOptions {
  /** Rejects with why it could not be told. Bounded in time. */
  readonly give: (value: number, signal: AbortSignal) => Promise<void>;
  readonly onGiven: (value: number) => void;
  readonly onFailure: (reason: string) => void;
  /** Milliseconds before the first further try after a failure; doubled each time, up to a minute. */
  readonly retryDelay?: number;
}

/** Milliseconds from one telling to the next: whoever elects is not to be asked for more than he can do. */
const pace = 200;

export class Outlet {
  readonly #options: Required<OutletOptions>;
  #wanted: number | null = null;
  #given: number | null = null;
  #running: Promise<void> | null = null;
  #failures = 0;
  readonly #end = new AbortController();
  /** Cuts a pause short. */
  #pause = new AbortController();

  constructor(options: OutletOptions) {
    this.#options = { retryDelay: 1_000, ...options };
  }

  /** Returns at once. */
  tell(value: number): void {
    if (this.#end.signal.aborted) return;
    this.#wanted = value;
    if (value !== this.#given) this.#running ??= this.#run();
  }

  /** Tells a last number where one is given, once, and lets go. Settles in time. */
  async close(last: number | null): Promise<void> {
    this.#end.abort();
    this.#pause.abort();
    await this.#running;
    if (last === null || last === this.#given) return;
    await this.#give(last, new AbortController().signal);
  }

  /** To be called where there is something to tell: it has to wait before it ends. */
  async #run(): Promise<void> {
    const { signal } = this.#end;
    while (this.#wanted !== null && this.#wanted !== this.#given && !signal.aborted) {
      const isGiven = await this.#give(this.#wanted, signal);
      this.#pause = new AbortController();
      if (signal.aborted) break;
      const pause = isGiven ? pace : pauseAfter(this.#failures, this.#options.retryDelay);
      await sleep(pause, undefined, { signal: this.#pause.signal, ref: false }).catch(() => {});
    }
    this.#running = null;
  }

  async #give(value: number, signal: AbortSignal): Promise<boolean> {
    const { give, onGiven, onFailure } = this.#options;
    try {
      await give(value, signal);
      this.#given = value;
      this.#failures = 0;
      onGiven(value);
      return true;
    } catch (error) {
      // It may have arrived all the same.
      this.#given = null;
      this.#failures += 1;
      if (!signal.aborted) onFailure((error as Error).message);
      return false;
    }
  }
}
