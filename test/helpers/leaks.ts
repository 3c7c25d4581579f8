/** Whether a piece of work gave back what it took. */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './deadline.js';

/** Runs work, and fails where sockets, timers, pipes or processes of this process outlive it. */
export async function withoutLeaks<T>(work: () => Promise<T>): Promise<T> {
  // What an earlier test has closed is counted until the loop has come round.
  await sleep(5);
  const before = process.getActiveResourcesInfo();
  const result = await work();
  await until(
    () => `nothing is left over of ${leftOver(before).join(', ')}`,
    () => leftOver(before).length === 0,
  );
  return result;
}

/** What is open now beyond what was open before. */
function leftOver(before: readonly string[]): string[] {
  const rest = [...before];
  return process.getActiveResourcesInfo().filter((kind) => {
    const index = rest.indexOf(kind);
    if (index >= 0) {
      rest.splice(index, 1);
    }
    return index < 0;
  });
}

/** Whether a process runs; one that is dead and waits for its parent to take note does not. */
export function alive(pid: number): boolean {
  try {
    // The state comes after the name, which is in parentheses and can hold anything.
    return !/^[ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, ''));
  } catch {
    return false;
  }
}
