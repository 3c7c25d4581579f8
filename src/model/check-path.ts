/**
 * The way of a check that goes as IPVS forwards: a firewall-mark service of ours that has one real server alone. Whoever
 * sends packets with its mark reaches that server, at whatever address and port, as the clients of its virtual services do.
 */

import type { Family, Forwarding } from './config.js';

/** A real server as IPVS reaches it; several virtual services can have it. */
export interface PathEnd {
  readonly family: Family;
  readonly address: string;
  /** `masq` has no path: its answers come back as the real server's own. */
  readonly forward: Exclude<Forwarding, 'masq'>;
}

export interface CheckPath extends PathEnd {
  readonly mark: number;
}

/** By `pathKey`. */
export type CheckPaths = ReadonlyMap<string, CheckPath>;

export const noPaths: CheckPaths = new Map();

/** Marks that nobody else is to use where there are paths: 24 bits behind an L. */
export const firstPathMark = 0x4c00_0000;
export const pathMarks = 0x100_0000;
/** How far a mark may be from where its path would have it: so many paths in a row are out of the question. */
const farthest = 64;

export function isPathMark(mark: number): boolean {
  return mark >= firstPathMark && mark < firstPathMark + pathMarks;
}

/** `0x4c012345`. */
export function markText(mark: number): string {
  return `0x${mark.toString(16).padStart(8, '0')}`;
}

export function pathKey({ family, address, forward }: PathEnd): string {
  return `${family} ${address} ${forward}`;
}

/**
 * Gives each of these a mark of its own. They are the same from one start to the next, so that what stands is adopted,
 * and others for another instance on the same machine, so that each keeps to its own.
 */
export function givePaths(instance: string, ends: Iterable<PathEnd>): CheckPaths {
  const byKey = new Map([...ends].map((end) => [pathKey(end), end]));
  const taken = new Set<number>();
  const paths = new Map<string, CheckPath>();
  // In an order that does not hang on the file's: of two that would have one mark, the same one gets it each time.
  for (const [key, { family, address, forward }] of [...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    let mark = firstMarkOf(instance, key);
    while (taken.has(mark)) mark = markAfter(mark, 1);
    taken.add(mark);
    paths.set(key, { family, address, forward, mark });
  }
  return paths;
}

/** Whether the instance would give this mark to a path that leads there. */
export function isOwnMark(instance: string, mark: number, end: PathEnd): boolean {
  if (!isPathMark(mark)) return false;
  const distance = (mark - firstMarkOf(instance, pathKey(end)) + pathMarks) % pathMarks;
  return distance < farthest;
}

function firstMarkOf(instance: string, key: string): number {
  // Loaded where there is such a mark: most configurations have none.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(`${instance}\n${key}`).digest().readUInt32BE(0);
  return markAfter(firstPathMark, hash);
}

function markAfter(mark: number, steps: number): number {
  return firstPathMark + ((mark - firstPathMark + steps) % pathMarks);
}
