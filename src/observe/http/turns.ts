/** How answering shares the loop with checks and the table: a short slice of it in each turn, for all clients together. */

import type { Work } from '../../slices.js';

/** Milliseconds of a turn of the loop that go to answering, as long as no single step takes longer. */
const slice = 2;

/** Goes on until it is done, or until `end`; gives whether it is done. */
type Job = (end: number) => boolean;

/**
 * Does works in slices, one slice of one of them in each turn of the loop: however many clients ask for however much,
 * whatever else happens in the process waits for one slice, and then has its turn.
 */
export class Turns {
  readonly #jobs: Job[] = [];
  readonly #now: () => number;
  #isDue = false;
  /** When the slice of the newest turn is over. */
  #end = Number.NEGATIVE_INFINITY;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Settles as the work does. Those who wait go round: a long work holds up a short one for a slice. What comes before the slice
   * of a turn is over, where nobody waits, has the rest of it: much is done as thousands of short works, one after another.
   */
  run<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const job: Job = (end) => {
        try {
          do {
            const { done, value } = work.next();
            if (!done) continue;
            resolve(value);
            return true;
          } while (this.#now() < end);
          return false;
        } catch (error) {
          reject(error);
          return true;
        }
      };
      if (this.#jobs.length > 0 || this.#now() >= this.#end || !job(this.#end)) this.#add(job);
    });
  }

  /** Calls `act`, which is short, in a turn of its own. */
  take(act: () => void): void {
    this.#add(() => {
      act();
      return true;
    });
  }

  #add(job: Job): void {
    this.#jobs.push(job);
    this.#come();
  }

  #come(): void {
    if (this.#isDue || this.#jobs.length === 0) return;
    this.#isDue = true;
    // Behind what the network, timers and threads have brought meanwhile.
    setImmediate(() => {
      this.#isDue = false;
      const job = this.#jobs.shift();
      this.#end = this.#now() + slice;
      if (job !== undefined && !job(this.#end)) this.#jobs.push(job);
      this.#come();
    });
  }
}
