/** How long the event loop of a program in Node stood still, told by a module that is loaded along with it. */

import { fileURLToPath } from 'node:url';
import type { Measure, Readings } from './results.js';

/** Where the module writes to. */
export const stallVariable = 'LDIRECTORD_BENCH_STALLS';

/** The environment in which a program writes its stalls to the file. */
export function stallMonitor(file: string): NodeJS.ProcessEnv {
  const module = fileURLToPath(new URL('./stall-monitor.js', import.meta.url));
  return { [stallVariable]: file, NODE_OPTIONS: `--import=${module}` };
}

/** How long the loop stood still once, in milliseconds. */
export interface Stall {
  readonly stall: number;
  /** Of it on a processor. */
  readonly running: number;
  /** Of it ready to run while others had the processors: on a machine of its own there is none of that. */
  readonly waiting: number;
}

/** The longest ones of some time, each of them by itself. */
export interface Longest extends Stall {
  /** But for waiting for a processor; where threads that help this one wait for one, that is in it. */
  readonly ownLongest: number;
  /** On a processor. */
  readonly ranLongest: number;
}

/** A line of the file: the milliseconds since 1970, and the longest stalls since the line before. */
export function stallLine(at: number, { stall, running, waiting, ownLongest, ranLongest }: Longest): string {
  const numbers = [stall, running, waiting, ownLongest, ranLongest];
  return `${at} ${numbers.map((number) => number.toFixed(1)).join(' ')}\n`;
}

/** The longest ones in lines written after that time; NaN where there are none. */
export function longestStall(text: string, after: number): Longest {
  const nothing = Number.NaN;
  let longest: Stall = { stall: nothing, running: nothing, waiting: nothing };
  let [ownLongest, ranLongest] = [nothing, nothing];
  for (const line of text.trim().split('\n')) {
    const [at = 0, ...numbers] = line.split(' ').map(Number);
    const [stall = nothing, running = nothing, waiting = nothing, own = nothing, ran = nothing] = numbers;
    if (at <= after) continue;
    if (!(longest.stall >= stall)) longest = { stall, running, waiting };
    if (!(ownLongest >= own)) ownLongest = own;
    if (!(ranLongest >= ran)) ranLongest = ran;
  }
  return { ...longest, ownLongest, ranLongest };
}

/** Of the longest ones and why they were; `bound` is what they may be at most in milliseconds, whatever others run. */
export function stallMeasures(bound: number | null): readonly Measure[] {
  const goals: Measure['goals'] = bound === null ? [] : [{ kind: 'at-most', value: bound }];
  return [
    { name: 'longest stall', unit: 'ms', goals },
    { name: 'of it running', unit: 'ms' },
    { name: 'of it waiting for a processor', unit: 'ms' },
    { name: 'longest stall but for such waiting', unit: 'ms', goals },
    { name: 'longest that it ran at once', unit: 'ms', goals },
  ];
}

export function stallReadings({ stall, running, waiting, ownLongest, ranLongest }: Longest): Readings {
  return {
    'longest stall': stall,
    'of it running': running,
    'of it waiting for a processor': waiting,
    'longest stall but for such waiting': ownLongest,
    'longest that it ran at once': ranLongest,
  };
}

/** Milliseconds that a thread has run and waited for a processor, as its /proc/PID/task/TID/schedstat has them. */
export function parseScheduled(text: string): Pick<Stall, 'running' | 'waiting'> {
  const [running = Number.NaN, waiting = Number.NaN] = text.split(' ').map((nanoseconds) => Number(nanoseconds) / 1e6);
  return { running, waiting };
}

/** What of the time from one look to the next was a stall, where the looks are so many milliseconds apart. */
export function stallOf(passed: Stall, apart: number): Stall & { readonly own: number } {
  const stall = Math.max(0, passed.stall - apart);
  const waiting = Math.min(stall, passed.waiting);
  return { stall, running: Math.min(stall, passed.running), waiting, own: stall - waiting };
}
