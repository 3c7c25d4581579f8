/** Waiting in tests: always bounded, with more room than a busy machine needs. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. */
const PATIENCE = 30_000;
/** Milliseconds between two looks. */
const pause = { shortest: 5, longest: 500 };
/** How many times as long as a look the pause after it is, within these. */
const rest = 2;

/** What the promise gives; rejects with the name of what was waited for where it takes too long. */
export async function within<T>(what: string, promise: Promise<T>, milliseconds = PATIENCE): Promise<T> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`waited ${milliseconds} ms for ${what}`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/**
 * Asks again and again until the answer is true; `what` is asked for only where it never is. Looking takes the processor
 * from those that are looked at, where it runs programs nearly all of it: so they get the double of it in between.
 */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  milliseconds = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const begin = performance.now();
    if (await holds()) return;
    const now = performance.now();
    if (now > deadline) {
      throw new Error(`waited ${milliseconds} ms until ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(Math.min(pause.longest, Math.max(pause.shortest, rest * (now - begin))));
  }
}
