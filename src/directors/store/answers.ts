/** When the store last answered, and how long that took. */

import type { Outcome } from './store.js';

export class Answers {
  /** Milliseconds since 1970; null before the first. */
  last: number | null = null;
  /** Milliseconds; null before the first. */
  latency: number | null = null;

  /** What was asked, which has an answer where the store was reached, whatever it says. */
  async timed<T>(asked: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const begun = performance.now();
    const outcome = await asked;
    if (outcome.ok || outcome.fault.kind !== 'away') {
      this.latency = performance.now() - begun;
      this.note();
    }
    return outcome;
  }

  /** Something came by itself. */
  note(): void {
    this.last = Date.now();
  }
}
