/** What becomes of a real server, and what is known of it. */

import type { RealServer } from '../model/config.js';

/**
 * `in use`: it gets its share of the traffic; `refused`: so it would, if the table took it; `drained`: at weight 0, so
 * that its connections can end; `out`: as `quiescent` says.
 */
export type Place = 'in use' | 'refused' | 'drained' | 'out';

export interface Standing {
  readonly place: Place;
  /** The weight that goes with the place. */
  readonly weight: number;
  /** Whether that is known, or only supposed until a first check has answered. */
  readonly isKnown: boolean;
  /** Whether `minhealthy` decides the place, and not what its checks say. */
  readonly byMinimum: boolean;
}

/** What is known of the servers. */
export interface Evidence {
  readonly isUp: (real: RealServer) => boolean;
  /** Whether a check has decided that, or none is needed. */
  readonly isDecided: (real: RealServer) => boolean;
  /** Whether the table does not take it: it is wanted all the same, but nobody reaches it. */
  readonly isRefused: (real: RealServer) => boolean;
}

/** Thousands of servers stand alike, and are asked about at each decision: one object for all of them. */
const made = new Map<Place, Standing[][]>();
/** Weights from here on are rare. */
const shared = 1_000;

export function standAs(place: Place, weight: number, isKnown: boolean, byMinimum = false): Standing {
  if (weight >= shared) return { place, weight, isKnown, byMinimum };
  const kinds = made.get(place) ?? [[], [], [], []];
  made.set(place, kinds);
  const list = kinds[(isKnown ? 1 : 0) + (byMinimum ? 2 : 0)] ?? [];
  list[weight] ??= { place, weight, isKnown, byMinimum };
  return list[weight];
}
