/** Whether a virtual has a real server in use, or anybody who answers, and when that changes. */

import type { Virtual } from '../../model/config.js';
import { type VirtualSubject, virtualKey, virtualSubjectOf } from '../../model/subject.js';
import type { Standing } from './standing.js';
import type { Standings } from './standings.js';

/** By the virtual's key. */
export type Use = ReadonlyMap<string, boolean>;

export interface UseChange {
  readonly virtual: Virtual;
  readonly inUse: boolean;
}

/**
 * A virtual that is new counts as in use, and one keeps what it was until a first server is in use or every server
 * is known not to be: a start that finds everything well tells nothing.
 */
export function useOf(
  { config, of }: Standings,
  before: Use,
): { readonly use: Use; readonly changes: readonly UseChange[] } {
  const use = new Map<string, boolean>();
  const changes: UseChange[] = [];
  for (const [key, { virtual, servers }] of services(config.virtuals, of)) {
    const earlier = before.get(key) ?? true;
    const inUse = servers.some(({ place }) => place === 'in use') || (earlier && !servers.every(isKnown));
    use.set(key, inUse);
    if (inUse !== earlier) changes.push({ virtual, inUse });
  }
  return { use, changes };
}

/** Virtuals with checked fallbacks that have neither a real server in use nor a fallback that is up, by key. */
export function unservedOf({ config, serving }: Standings, use: Use): ReadonlyMap<string, VirtualSubject> {
  const found = new Map<string, VirtualSubject>();
  for (const virtual of config.virtuals) {
    if (!virtual.fallbackcheck || virtual.fallbacks.length === 0) continue;
    const subject = virtualSubjectOf(virtual);
    const key = virtualKey(subject);
    if (use.get(key) === false) found.set(key, subject);
  }
  if (found.size === 0) return found;
  for (const virtual of serving.keys()) found.delete(virtualKey(virtualSubjectOf(virtual)));
  return found;
}

function isKnown(standing: Standing): boolean {
  return standing.isKnown;
}

export interface Served {
  /** The last of them. */
  readonly virtual: Virtual;
  readonly servers: readonly Standing[];
}

/** Virtuals of one key are one service, in which the servers of all are in use or not. */
export function services(virtuals: readonly Virtual[], of: Standings['of']): ReadonlyMap<string, Served> {
  const found = new Map<string, Served>();
  for (const virtual of virtuals) {
    const key = virtualKey(virtualSubjectOf(virtual));
    const servers = of.get(virtual) ?? [];
    const others = found.get(key)?.servers;
    found.set(key, { virtual, servers: others === undefined ? servers : [...others, ...servers] });
  }
  return found;
}
