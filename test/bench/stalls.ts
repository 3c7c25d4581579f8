/** How long the event loop of a program in Node stood still, told by a module that is loaded along with it. */

import { fileURLToPath } from 'node:url';

/** Where the module writes to. */
export const stallVariable = 'LDIRECTORD_BENCH_STALLS';

/** The environment in which a program writes its stalls to the file. */
export function stallMonitor(file: string): NodeJS.ProcessEnv {
  const module = fileURLToPath(new URL('./stall-monitor.js', import.meta.url));
  return { [stallVariable]: file, NODE_OPTIONS: `--import=${module}` };
}

/** A line of the file: the milliseconds since 1970 and those of the longest stall since the line before. */
export function stallLine(at: number, stall: number): string {
  return `${at} ${stall.toFixed(1)}\n`;
}

/** The longest one, in milliseconds, in lines written after that time; NaN where there are none. */
export function longestStall(text: string, after: number): number {
  const stalls = text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .filter(([at = 0]) => at > after)
    .map(([, stall = Number.NaN]) => stall);
  return stalls.length === 0 ? Number.NaN : Math.max(...stalls);
}
