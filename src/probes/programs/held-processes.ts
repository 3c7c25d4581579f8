/**
 * The programs that run for this thread's checks, in memory that another thread sees: when this one hangs and is
 * given up, somebody can still end them.
 */

import type { ChildProcess } from 'node:child_process';
import { killTree } from './process-tree.js';

/** Programs that are written down; one more would be beyond reach if its thread hung. */
const slots = 4096;

export type HeldProcesses = Int32Array;

/** For a worker thread, to be handed to it. */
export function newHeldProcesses(): HeldProcesses {
  return new Int32Array(new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT));
}

let held: HeldProcesses | null = null;

/** From now on this thread's programs are written down there. */
export function holdProcessesIn(shared: HeldProcesses): void {
  held = shared;
}

/** Writes a program down that has been started, until it ends. */
export function hold(child: ChildProcess): void {
  const shared = held;
  const { pid } = child;
  if (shared === null || pid === undefined) return;
  const slot = shared.indexOf(0);
  if (slot < 0) return;
  Atomics.store(shared, slot, pid);
  child.once('exit', () => Atomics.store(shared, slot, 0));
}

/** Kills them with everything that they started. Their thread must not run any more. */
export async function killHeld(shared: HeldProcesses): Promise<void> {
  const leaders = [...shared].filter((pid) => pid > 0);
  shared.fill(0);
  await Promise.all(leaders.map(killTree));
}
