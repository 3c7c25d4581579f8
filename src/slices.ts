/** Long work without a stall: it is written as a generator that yields where it can be interrupted. */

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work that gives up the processor at each `yield`, and returns its result. */
export type Work<T> = Generator<undefined, T>;

/** Milliseconds of the slices of one turn of the loop: what everything else has to wait at most. */
const longestSlice = 5;
/** Milliseconds of a slice where others have had theirs in the same turn. */
const shortestSlice = 1;
/** When the slices of this turn of the loop are to be over, in milliseconds since 1970; null before the first of them. */
let turnEnd: number | null = null;

/** When a slice that begins now is over: soon in any case, since the clock may have been set. */
function endOfSlice(now: number): number {
  if (turnEnd === null) {
    turnEnd = now + longestSlice;
    // Before all that goes on then.
    setImmediate(() => {
      turnEnd = null;
    });
  }
  return Math.min(Math.max(turnEnd, now + shortestSlice), now + longestSlice);
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
  // Short works, of which one follows the other, give way as often as a long one does.
  if (turnEnd !== null && Date.now() >= turnEnd) await nextTurn();
  for (;;) {
    // Asked after each step, of which there are a hundred thousand: process.uptime(), which nobody sets, takes twice as long.
    const begin = Date.now();
    const end = endOfSlice(begin);
    let now: number;
    do {
      const { done, value } = work.next();
      if (done) return value;
      now = Date.now();
    } while (now < end && now >= begin);
    await nextTurn();
  }
}

/** The same from the next turn of the loop on: for work that follows something that was about as much in one go. */
export async function soonInSlices<T>(work: Work<T>): Promise<T> {
  await nextTurn();
  return inSlices(work);
}
