/**
 * The pages of Node's own file that are in this process' memory. A start goes through much of it once: the heap that it
 * begins with, the compiler. What is needed again comes back from the kernel's cache with its first use.
 */

import { readFile } from 'node:fs/promises';
import { forget } from '../system/libc.js';

/** Of /proc/PID/smaps, a mapping: from where to where, rights, and of which file. See proc_pid_smaps(5). */
const mapping = /^([\da-f]+)-([\da-f]+) (\S+) \S+ \S+ \d+ +(.*)$/m;
/** How much of it is no longer as in the file, such as addresses that the dynamic linker has written. */
const changed = /^Anonymous: +(\d+) kB$/m;
/** Characters of what is said of a mapping, about twice of what it is: one name and two dozen facts. */
const longestEntry = 2_000;

interface Range {
  readonly address: bigint;
  readonly length: bigint;
}

/** The mappings of a file that nobody can write to, and nobody has. */
export function unchangedOf(file: string, smaps: string): readonly Range[] {
  const found: Range[] = [];
  // A large heap has thousands of other mappings, which are passed over.
  for (let at = smaps.indexOf(file); at >= 0; at = smaps.indexOf(file, at + 1)) {
    const begin = smaps.lastIndexOf('\n', at) + 1;
    const entry = smaps.slice(begin, begin + longestEntry);
    const [, from, to, rights = '', path] = mapping.exec(entry) ?? [];
    if (from === undefined || to === undefined || path !== file || !/^r-[x-]p$/.test(rights)) continue;
    const address = BigInt(`0x${from}`);
    if (changed.exec(entry)?.[1] === '0') found.push({ address, length: BigInt(`0x${to}`) - address });
  }
  return found;
}

/** Never rejects: where the kernel does not tell of them, they stay. */
export async function letGoOfProgram(): Promise<void> {
  const smaps = await readFile('/proc/self/smaps', 'latin1').catch(() => '');
  // A file that is another one by now, as after an update, has another name there.
  for (const { address, length } of unchangedOf(process.execPath, smaps)) forget(address, length);
}
