/** Signals to other processes, and waiting for their end. */

import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a process is called that has made room for the next one, and only ends what it has begun. */
const leftTitle = 'finishing: ldirectord';

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

/** From here on nobody waits for the end of this process: the next one may begin. */
export function makeRoom(): void {
  process.title = leftTitle;
}

/**
 * Whether the process is gone, or has made room, within so many milliseconds; another one that has its number by then is
 * not it.
 */
export async function isGoneWithin(pid: number, deadline: number): Promise<boolean> {
  const limit = performance.now() + deadline;
  const life = await lifeOf(pid);
  while (life !== null && (await lifeOf(pid)) === life && !(await hasMadeRoom(pid))) {
    if (performance.now() > limit) return false;
    await sleep(pause);
  }
  return true;
}

async function hasMadeRoom(pid: number): Promise<boolean> {
  const title = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
  return title.startsWith(leftTitle);
}

/** When the process began, as proc_pid_stat(5) counts; null where there is none, or one that is not buried yet. */
export async function lifeOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The name before it may have blanks and brackets of its own.
  const [state, ...fields] = text.slice(text.lastIndexOf(') ') + 2).split(' ');
  return state === undefined || state === '' || /[ZX]/.test(state) ? null : (fields[18] ?? null);
}
