/** Long work without a stall: it is written as a generator that yields where it can be interrupted. */

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that gives up the processor at each `yield`, and returns its result. */
export type Work<T> = Generator<undefined, T>;

/** Seconds of the slices of one turn of the loop: what everything else has to wait at most. */
const longestSlice = 0.008;
/** Seconds of a slice where others have had theirs in the same turn. */
const shortestSlice = 0.001;
/** When the slices of this turn of the loop are to be over, in seconds of `process.uptime()`; null before the first of them. */
let turnEnd: number | null = null;

/** When a slice that begins now is over. As steady as `performance.now()`, which Node has to load first. */
function endOfSlice(): number {
  const now = process.uptime();
  if (turnEnd === null) {
    turnEnd = now + longestSlice;
    // Before all that goes on then.
    setImmediate(() => {
      turnEnd = null;
    });
  }
  return Math.max(turnEnd, now + shortestSlice);
}

/** Does the work in one go. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}

/** Does the work in slices of some milliseconds; between them the event loop goes on. What is done at a time shares them. */
export async function inSlices<T>(work: Work<T>): Promise<T> {
  for (;;) {
    const end = endOfSlice();
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (process.uptime() < end);
    await nextTurn();
  }
}
