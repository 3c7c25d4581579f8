/** Heaps of JavaScript that run out. */

import { setFlagsFromString } from 'node:v8';

/** MiB of a small one. */
const few = 32;

/** Threads that begin until the function that is returned is called have a small heap. */
export function smallHeaps(): () => void {
  setFlagsFromString(`--max-old-space-size=${few}`);
  return () => setFlagsFromString('--max-old-space-size=0');
}

/** Fills the heap of this thread, which ends by that. */
export function exhaustHeap(): never {
  const kept: object[] = [];
  for (;;) kept.push(new Array(100).fill(kept));
}
