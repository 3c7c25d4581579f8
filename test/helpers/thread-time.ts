/** How long the turns of this thread's loop are, in processor time: what another process takes of it does not count. */

import { setImmediate } from 'node:timers/promises';
import koffi from 'koffi';

const clockGettime = koffi.load(null).func('int clock_gettime(int clock, _Out_ int64_t *time)') as (
  clock: number,
  time: BigInt64Array,
) => number;
/** CLOCK_THREAD_CPUTIME_ID of clock_gettime(2). */
const ofThisThread = 3;
const found = new BigInt64Array(2);

/** Milliseconds of processor time that this thread has had. */
function spent(): number {
  clockGettime(ofThisThread, found);
  return Number(found[0]) * 1e3 + Number(found[1]) / 1e6;
}

/** The longest turn of the loop while the work goes on, in milliseconds of processor time. */
export async function longestTurn(work: Promise<unknown>): Promise<number> {
  let isOver = false;
  const end = (): void => {
    isOver = true;
  };
  work.then(end, end);
  let longest = 0;
  let before = spent();
  while (!isOver) {
    await setImmediate();
    const now = spent();
    longest = Math.max(longest, now - before);
    before = now;
  }
  await work;
  return longest;
}
