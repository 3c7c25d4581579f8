/** Long work without a stall: it is written as a generator that yields where it can be interrupted. */

import { setImmediate } from 'node:timers/promises';

/** Work that gives up the processor at each `yield`, and returns its result. */
export type Work<T> = Generator<undefined, T>;

/** Seconds of one slice: what everything else has to wait at most. */
const longestSlice = 0.008;

/** Does the work in one go. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does the work in slices of some milliseconds; between them the event loop goes on. */
export async function inSlices<T>(work: Work<T>): Promise<T> {
  for (;;) {
    // As steady as `performance.now()`, which Node has to load first.
    const end = process.uptime() + longestSlice;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (process.uptime() < end);
    await setImmediate();
  }
}
