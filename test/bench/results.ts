/** What was measured: readings of one round, and rows that compare the peers by medians. */

import type { PeerName } from './peers/peer.js';
import { median } from './statistics.js';

/** By the name of the measure. */
export type Readings = Readonly<Record<string, number>>;

/** Ours is wanted at most, or at least, so large; a `ratio` is ours to the peer's. */
export type Goal =
  | { readonly kind: 'at-most' | 'at-least'; readonly value: number }
  | { readonly kind: 'ratio-at-most' | 'ratio-at-least'; readonly value: number; readonly peer: PeerName };

export interface Measure {
  readonly name: string;
  /** Empty for a count. */
  readonly unit: string;
  readonly goals?: readonly Goal[];
}

export interface Row {
  readonly work: string;
  readonly measure: string;
  readonly unit: string;
  /** Medians over the rounds. */
  readonly medians: Readonly<Partial<Record<PeerName, number>>>;
  /** Ours divided by each peer's. */
  readonly ratios: Readonly<Partial<Record<PeerName, number>>>;
  readonly goals: readonly { readonly goal: string; readonly met: boolean | null }[];
}

export type Rounds = ReadonlyMap<PeerName, readonly Readings[]>;

export function rowOf(work: string, measure: Measure, rounds: Rounds): Row {
  const medians: Partial<Record<PeerName, number>> = {};
  for (const [peer, readings] of rounds) {
    const values = readings.flatMap((reading) => reading[measure.name] ?? []);
    if (values.length > 0) medians[peer] = median(values);
  }
  const ratios: Partial<Record<PeerName, number>> = {};
  const { ours, ...others } = medians;
  for (const [peer, value] of Object.entries(others)) {
    if (ours !== undefined && value > 0) ratios[peer as PeerName] = ours / value;
  }
  const goals = (measure.goals ?? []).map((goal) => ({ goal: goalText(goal), met: isMet(goal, ours, ratios) }));
  return { work, measure: measure.name, unit: measure.unit, medians, ratios, goals };
}

function goalText(goal: Goal): string {
  const sign = goal.kind.endsWith('at-most') ? '≤' : '≥';
  return `${sign} ${goal.value}${'peer' in goal ? ` of ${goal.peer}` : ''}`;
}

/** Null where what it takes was not measured. */
function isMet(goal: Goal, ours: number | undefined, ratios: Row['ratios']): boolean | null {
  const value = 'peer' in goal ? ratios[goal.peer] : ours;
  if (value === undefined) return null;
  return goal.kind.endsWith('at-most') ? value <= goal.value : value >= goal.value;
}
