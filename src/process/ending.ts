/** Signals to other processes, and waiting for their end. */

import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from './pid-file.js';

/** Milliseconds between two looks at a process that is to end. */
const pause = 20;

/** False where there is no such process any more; throws where it is somebody else's. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Whether the process is gone within so many milliseconds. */
export async function isGoneWithin(pid: number, deadline: number): Promise<boolean> {
  const limit = performance.now() + deadline;
  while (await isRunning(pid)) {
    if (performance.now() > limit) return false;
    await sleep(pause);
  }
  return true;
}
