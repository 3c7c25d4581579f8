/** Waiting in tests: always bounded, with more room than a busy machine needs. */

import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. */
const PATIENCE = 30_000;

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

/** Asks again and again until the answer is true; `what` is asked for only where it never is. */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  milliseconds = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`waited ${milliseconds} ms until ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(5);
  }
}
