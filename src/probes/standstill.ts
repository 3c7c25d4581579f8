/**
 * For how long this thread could not run although it wanted to: the machine was paused or moved, had no processor for
 * this process, or something here took long. What servers sent meanwhile could not be read.
 */

import { monotonic } from '../system/clock.js';

/** Milliseconds from one beat to the next, and by how much one may come late before that means anything. */
const beat = 100;
const tolerance = 100;

let timer: NodeJS.Timeout | null = null;
let due = 0;
let total = 0;

/** Milliseconds, from the first call on. To be compared with an earlier answer. Who has just read the clock gives it. */
export function stoodStill(now = monotonic()): number {
  if (timer === null) {
    due = now + beat;
    // It goes on for good: to begin and to end with each check would cost more.
    timer = setTimeout(take, beat).unref();
  }
  return total + lateness(now);
}

function lateness(now: number): number {
  return now - due > tolerance ? now - due : 0;
}

function take(): void {
  const now = monotonic();
  total += lateness(now);
  due = now + beat;
  timer?.refresh();
}
