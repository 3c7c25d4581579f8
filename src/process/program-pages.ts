/**
 * The pages of Node's own file that are in this process' memory. A start goes through much of it once: the heap that it
 * begins with, the compiler. What is needed again comes back from the kernel's cache with its first use.
 */

import { readFile } from 'node:fs/promises';
import { forget } from '../system/libc.js';

/** Of /proc/PID/smaps, a mapping: from where to where, rights, and of which file. See proc_pid_smaps(5). */
const mapping = /^([\da-f]+)-([\da-f]+) (\S+) \S+ \S+ \d+ +(.*)$/;
/** How much of it is no longer as in the file, such as addresses that the dynamic linker has written. */
const changed = /^Anonymous: +(\d+) kB$/;

interface Range {
  readonly address: bigint;
  readonly length: bigint;
}

/** The mappings of a file that nobody can write to, and nobody has. */
export function unchangedOf(file: string, smaps: string): readonly Range[] {
  const found: Range[] = [];
  let current: Range | null = null;
  for (const line of smaps.split('\n')) {
    const [, from, to, rights = '', path] = mapping.exec(line) ?? [];
    if (from !== undefined && to !== undefined) {
      const isOurs = path === file && /^r-[x-]p$/.test(rights);
      const address = BigInt(`0x${from}`);
      current = isOurs ? { address, length: BigInt(`0x${to}`) - address } : null;
    } else if (current !== null && changed.exec(line)?.[1] === '0') {
      found.push(current);
    }
  }
  return found;
}

/** Never rejects: where the kernel does not tell of them, they stay. */
export async function letGoOfProgram(): Promise<void> {
  const smaps = await readFile('/proc/self/smaps', 'latin1').catch(() => '');
  // A file that is another one by now, as after an update, has another name there.
  for (const { address, length } of unchangedOf(process.execPath, smaps)) forget(address, length);
}
