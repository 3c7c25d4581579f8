/** What V8, which expects a browser's work, is told about a director's. */

import { setFlagsFromString } from 'node:v8';

/**
 * For Node's command line, of what is to be a daemon. The young part of the heap is kept small: by default it takes 16 MB more, for work that
 * comes in bursts here.
 */
export const nodeFlags = ['--max-semi-space-size=2'] as const;

/**
 * For this process, before it has much behind it. From the thousands of checks that are made at the start and last, V8
 * concludes that what is made at the same places later lasts too, and puts it where only a full collection finds it:
 * yet what is made for a check dies with it.
 */
export function expectShortLives(): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  // The young part is small, and what lives in it little: threads that help to go through it take longer to be woken.
  setFlagsFromString('--no-parallel-scavenge');
  // Each collection would wait for the thread that clears away the buffers of the one before: where that one has lost its
  // processor to others, so have we, and there are few buffers.
  setFlagsFromString('--no-concurrent-array-buffer-sweeping');
}

/** Real servers from which on it matters. */
const many = 10_000;

/**
 * For this process, by how much lives in it: V8 lets garbage gather until there is more of it than of what lives. Of few
 * servers that is little; of a hundred thousand it is half a gigabyte, which a collection in between saves.
 */
export function gatherLittle(servers: number): void {
  if (servers >= many) setFlagsFromString('--heap-growing-percent=50');
}
