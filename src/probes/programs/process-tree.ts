/** Ending a program with everything that it started. */

import { readFile } from 'node:fs/promises';

/** Processes of one program that are looked for. */
const bound = 10_000;

/**
 * Kills the process group that `leader` leads and, where the kernel tells, the descendants that have left it by
 * setsid(2). One whose parent has ended before is beyond reach: it has become the child of process 1, and a
 * process that takes it over instead (PR_SET_CHILD_SUBREAPER) would have to reap what Node does not know of.
 */
export async function killTree(leader: number): Promise<void> {
  // Stopped, it starts nothing while it is looked at.
  signalGroup(leader, 'SIGSTOP');
  const strays = await descendants(leader);
  killGroup(leader);
  for (const pid of strays) signal(pid, 'SIGKILL');
}

/** Kills the process group that `leader` leads; what is left of it where the leader has ended. */
export function killGroup(leader: number): void {
  signalGroup(leader, 'SIGKILL');
}

function signalGroup(leader: number, name: NodeJS.Signals): void {
  signal(-leader, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Nothing of it is left, or it has become another user's, whom this one may not kill.
  }
}

async function descendants(pid: number): Promise<readonly number[]> {
  const found = [pid];
  for (let at = 0; at < found.length && found.length < bound; at += 1) {
    found.push(...(await childrenOf(found[at] ?? 0)));
  }
  return found.slice(1);
}

/** Those of its first thread; proc_pid_children(5). */
async function childrenOf(pid: number): Promise<number[]> {
  try {
    const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return text
      .split(' ')
      .map(Number)
      .filter((child) => child > 1);
  } catch {
    // It has ended, or the kernel does not tell.
    return [];
  }
}
