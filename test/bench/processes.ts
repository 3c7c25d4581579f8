/** What the kernel says of processes: their descendants, processor time and memory. */

import { readdir, readFile } from 'node:fs/promises';

export interface Stat {
  readonly parent: number;
  /** Ticks of its threads and of the children that it has waited for. */
  readonly user: number;
  readonly system: number;
}

/** Milliseconds; Linux counts in hundredths of a second towards programs (proc(5), USER_HZ). */
export interface ProcessorTime {
  readonly user: number;
  readonly system: number;
}

/** Of a stat line, what comes before the ticks of the process itself, and these. */
const ownTicks = /^(.*\) \S+(?: \S+){10}) \d+ \d+ /;
const millisecondsPerTick = 10;
const megabytesPerKibibyte = 1024 / 1e6;

/** Reads /proc/PID/stat. A program's name may hold blanks and brackets: what counts comes after the last bracket. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // Field 3 of proc(5) is the first one here.
  const field = (number: number): number => Number(fields[number - 3]);
  return { parent: field(4), user: field(14) + field(16), system: field(15) + field(17) };
}

/** A field of /proc/PID/smaps_rollup or status, in KiB. */
export function parseKibibytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text)?.[1]);
}

/** The counter of a protocol in /proc/net/snmp, such as `Icmp` and `InEchos`. */
export function parseCounter(text: string, protocol: string, name: string): number {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith(`${protocol}:`))
    .map((line) => line.split(' '));
  return Number(values?.[names?.indexOf(name) ?? -1]);
}

/** Numbers of a list such as `0-2,5`: what taskset takes and /proc/PID/status shows. */
export function parseCores(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [first = Number.NaN, last = first] = part.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** The process and all that descend from it. */
export function descendants(root: number, stats: ReadonlyMap<number, Stat>): number[] {
  const children = [...stats].filter(([, { parent }]) => parent === root).map(([pid]) => pid);
  return [root, ...children.flatMap((child) => descendants(child, stats))];
}

export async function treeOf(root: number): Promise<Map<number, Stat>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => [pid, await readOwn(pid, 'stat')] as const));
  const stats = new Map(found.flatMap(([pid, text]) => (text === '' ? [] : [[pid, parseStat(text)] as const])));
  const tree = descendants(root, stats);
  return new Map([...stats].filter(([pid]) => tree.includes(pid)));
}

/** Of the process and its descendants, those that have ended and been waited for included. */
export async function processorTime(root: number): Promise<ProcessorTime> {
  const stats = [...(await treeOf(root)).values()];
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) * millisecondsPerTick;
  return { user: sum(stats.map(({ user }) => user)), system: sum(stats.map(({ system }) => system)) };
}

/** Milliseconds of processor of the children of this process that have ended and been waited for. */
export async function processorOfEnded(): Promise<number> {
  const text = await readOwn(process.pid, 'stat');
  const { user, system } = parseStat(text.replace(ownTicks, '$1 0 0 '));
  return (user + system) * millisecondsPerTick;
}

/** MB of the process and its descendants; what several share counts in parts (PSS), and for each in `resident`. */
export async function memory(root: number): Promise<{ readonly resident: number; readonly proportional: number }> {
  const pids = [...(await treeOf(root)).keys()];
  const texts = await Promise.all(pids.map((pid) => readOwn(pid, 'smaps_rollup')));
  const sum = (name: string): number =>
    texts.filter((text) => text !== '').reduce((total, text) => total + parseKibibytes(text, name), 0) *
    megabytesPerKibibyte;
  return { resident: sum('Rss'), proportional: sum('Pss') };
}

/** Empty where the process has ended. */
async function readOwn(pid: number, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
