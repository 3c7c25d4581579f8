/** What of standings the next run has to know, and how pools stood before for the one that knows it. */

import { serverName } from '../../model/names.js';
import { keyOfVirtual, subjectKey, subjectOf, virtualKey, virtualSubjectOf } from '../../model/subject.js';
import type { PoolsBefore } from './pools-before.js';
import { standAs } from './standing.js';
import type { Standings } from './standings.js';

export interface KeptStandings {
  /** When servers began to grow, in milliseconds since 1970, by their keys. */
  readonly growing: ReadonlyMap<string, number>;
  /** Keys of servers that are in use by the minimum alone. */
  readonly byMinimum: ReadonlySet<string>;
  /** Keys of virtuals that are below their minimum. */
  readonly below: ReadonlySet<string>;
}

export function keptStandings({ config, of, below }: Standings): KeptStandings {
  const growing = new Map<string, number>();
  const byMinimum = new Set<string>();
  for (const virtual of config.virtuals) {
    if (virtual.slowstart === 0 && virtual.minhealthy === null) continue;
    for (const [index, { growth, by, place }] of (of.get(virtual) ?? []).entries()) {
      const real = virtual.realServers[index];
      if (real === undefined || (growth === null && by !== 'minimum')) continue;
      const key = subjectKey(subjectOf(virtual, real));
      if (growth !== null) growing.set(key, growth.since);
      if (by === 'minimum' && place === 'in use') byMinimum.add(key);
    }
  }
  return {
    growing,
    byMinimum,
    below: new Set([...below.keys()].map((virtual) => keyOfVirtual(virtual))),
  };
}

/** Nobody begins to grow by it: that a server was not in use before is not known. */
export function poolsBefore({ growing, byMinimum, below }: KeptStandings): PoolsBefore {
  return (virtual) => {
    const subject = virtualSubjectOf(virtual);
    const isBelow = below.has(virtualKey(subject));
    return {
      isBelow,
      isSettled: false,
      gone: 0,
      of: (index) => {
        const real = virtual.realServers[index];
        const key = real && subjectKey({ ...subject, server: serverName(real) });
        if (key === undefined) return undefined;
        const standing = standAs('in use', 1, true, byMinimum.has(key) ? 'minimum' : null);
        const since = growing.get(key);
        if (since === undefined) return standing.by === null ? undefined : standing;
        return { ...standing, growth: { since, seconds: 0, over: virtual.slowstart }, moves: true };
      },
    };
  };
}
