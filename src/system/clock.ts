/** One clock for all threads of this process: what one reckons is due means the same to another. */

import { performance } from 'node:perf_hooks';

/** `performance.now()` begins anew in each thread. */
const offset = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/** Milliseconds since the machine was started; never goes back. */
export function monotonic(): number {
  return performance.now() + offset;
}
