/** What a process takes of the machine, as the kernel counts it. */

import { readdir, readFile } from 'node:fs/promises';

export interface Consumption {
  readonly descriptors: number;
  /** Bytes in memory. */
  readonly resident: number;
}

export async function consumption(pid: number): Promise<Consumption> {
  const [open, status] = await Promise.all([readdir(`/proc/${pid}/fd`), readFile(`/proc/${pid}/status`, 'latin1')]);
  return { descriptors: open.length, resident: Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024 };
}
