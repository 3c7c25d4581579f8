/** What of standings the next run has to know, and how pools stood before for the one that knows it. */

import { serverName } from '../model/names.js';
import { subjectKey, subjectOf, virtualKey, virtualSubjectOf } from '../model/subject.js';
import { standAs } from './standing.js';
import type { PoolsBefore, Standings } from './standings.js';

export interface KeptStandings {
  /** When servers began to grow, in milliseconds since 1970, by their keys. */
  readonly growing: ReadonlyMap<string, number>;
  /** Keys of virtuals that are below their minimum. */
  readonly below: ReadonlySet<string>;
}

export function keptStandings({ config, of, below }: Standings): KeptStandings {
  const growing = new Map<string, number>();
  for (const virtual of config.virtuals) {
    if (virtual.slowstart === 0) continue;
    for (const [index, { growth }] of (of.get(virtual) ?? []).entries()) {
      const real = virtual.realServers[index];
      if (growth !== null && real !== undefined) growing.set(subjectKey(subjectOf(virtual, real)), growth.since);
    }
  }
  return { growing, below: new Set([...below.keys()].map((virtual) => virtualKey(virtualSubjectOf(virtual)))) };
}

/** Nobody begins to grow by it: that a server was not in use before is not known. */
export function poolsBefore({ growing, below }: KeptStandings): PoolsBefore {
  return (virtual) => {
    const subject = virtualSubjectOf(virtual);
    const isBelow = below.has(virtualKey(subject));
    return {
      isBelow,
      isSettled: false,
      gone: 0,
      of: (index) => {
        const real = virtual.realServers[index];
        const since = real && growing.get(subjectKey({ ...subject, server: serverName(real) }));
        if (since === undefined) return undefined;
        return { ...standAs('in use', 1, true), growth: { since, seconds: 0, over: virtual.slowstart }, moves: true };
      },
    };
  };
}
