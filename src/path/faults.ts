/** What the faults of a shell have in common. */

import type { Over } from '../system/deadline.js';
import { printable } from '../terminal/printable.js';
import type { ShellFault } from './shell.js';

/** Characters of what others said. */
const longest = 200;

/** The last line that says something, fit for a line of ours. */
export function lastLine(text: string): string {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return printable(line.slice(0, longest));
}

/** The time is over, or nobody waits any more. */
export function overFault(where: string, phase: string, over: Over): ShellFault {
  if (over.code === 'aborted') {
    return { code: 'aborted', message: `${where}: given up in this phase: ${phase}`, remedy: 'run it again' };
  }
  return {
    code: 'timed-out',
    message: `${where}: not done within ${over.milliseconds / 1000} s, in this phase: ${phase}`,
    remedy: 'see what the machine is busy with, or hangs at',
  };
}
