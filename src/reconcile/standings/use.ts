/** Whether a virtual has a real server in use, or anybody who answers, and when that changes. */

import type { Config, Virtual } from '../../model/config.js';
import { keyOfVirtual, type VirtualSubject, virtualKey, virtualSubjectOf } from '../../model/subject.js';
import { atOnce, type Work } from '../../slices.js';
import type { Standing } from './standing.js';
import type { Standings } from './standings.js';

/** By the virtual's key. */
export type Use = Pick<ReadonlyMap<string, boolean>, 'get'>;

export interface UseChange {
  readonly virtual: Virtual;
  readonly inUse: boolean;
}

/**
 * Of these virtuals, with all of one key among them. One that is new counts as in use, and one keeps what it was until a
 * first server is in use or every server is known not to be: a start that finds everything well tells nothing.
 */
export function useOf(
  virtuals: readonly Virtual[] | ReadonlySet<Virtual>,
  { of }: Pick<Standings, 'of'>,
  before: Use,
): { readonly use: Map<string, boolean>; readonly changes: readonly UseChange[] } {
  const use = new Map<string, boolean>();
  // Those without a server in use of which that may be otherwise soon.
  const open = new Set<string>();
  for (const virtual of virtuals) {
    const key = keyOfVirtual(virtual);
    const servers = of.get(virtual) ?? [];
    if (servers.some(isInUse)) use.set(key, true);
    else if (!use.has(key)) use.set(key, false);
    if (use.get(key) === false && !servers.every(isKnown)) open.add(key);
  }
  const changes = new Map<string, UseChange>();
  for (const virtual of virtuals) {
    const key = keyOfVirtual(virtual);
    const earlier = before.get(key) ?? true;
    const inUse = use.get(key) === true || (earlier && open.has(key));
    use.set(key, inUse);
    if (inUse !== earlier) changes.set(key, { virtual, inUse });
  }
  return { use, changes: [...changes.values()] };
}

/** Of these virtuals, those with checked fallbacks that have neither a real server in use nor a fallback that is up, by key. */
export function unservedOf(
  virtuals: Iterable<Virtual>,
  { serving }: Pick<Standings, 'serving'>,
  use: Use,
): ReadonlyMap<string, VirtualSubject> {
  const found = new Map<string, VirtualSubject>();
  const served: Virtual[] = [];
  for (const virtual of virtuals) {
    if (serving.has(virtual)) served.push(virtual);
    if (!virtual.fallbackcheck || virtual.fallbacks.length === 0) continue;
    const subject = virtualSubjectOf(virtual);
    const key = virtualKey(subject);
    if (use.get(key) === false) found.set(key, subject);
  }
  if (found.size === 0) return found;
  for (const virtual of served) found.delete(keyOfVirtual(virtual));
  return found;
}

const kin = new WeakMap<Config, ReadonlyMap<Virtual, readonly Virtual[]>>();

/** These, each with all others of its key, in the order of the file: they are one service. */
export function withKin(config: Config, virtuals: Iterable<Virtual>): ReadonlySet<Virtual> {
  const known = atOnce(findKin(config));
  const all = new Set<Virtual>();
  for (const virtual of virtuals) {
    const others = known.get(virtual);
    if (others === undefined) all.add(virtual);
    else for (const one of others) all.add(one);
  }
  return all;
}

/** Looks for those that are not the only one of their key, once for a configuration. Who then asks at once has them. */
export function* findKin(config: Config): Work<ReadonlyMap<Virtual, readonly Virtual[]>> {
  const known = kin.get(config);
  if (known !== undefined) return known;
  const byKey = new Map<string, Virtual[]>();
  const found = new Map<Virtual, readonly Virtual[]>();
  for (const virtual of config.virtuals) {
    yield;
    const key = keyOfVirtual(virtual);
    const others = byKey.get(key);
    if (others === undefined) byKey.set(key, [virtual]);
    else others.push(virtual);
  }
  for (const all of byKey.values()) if (all.length > 1) for (const virtual of all) found.set(virtual, all);
  kin.set(config, found);
  return found;
}

function isInUse({ place }: Standing): boolean {
  return place === 'in use';
}

function isKnown({ isKnown }: Standing): boolean {
  return isKnown;
}

export interface Served {
  /** The last of them. */
  readonly virtual: Virtual;
  readonly servers: readonly Standing[];
}

/** Virtuals of one key are one service, in which the servers of all are in use or not. */
export function services(virtuals: Iterable<Virtual>, of: Standings['of']): ReadonlyMap<string, Served> {
  const found = new Map<string, Served>();
  for (const virtual of virtuals) {
    const key = keyOfVirtual(virtual);
    const servers = of.get(virtual) ?? [];
    const others = found.get(key)?.servers;
    found.set(key, { virtual, servers: others === undefined ? servers : [...others, ...servers] });
  }
  return found;
}
