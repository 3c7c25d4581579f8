/**
 * Which rules may stand at this moment, on the way from what stands to what is wanted: no packet is to get the mark of a
 * service that is not there, and none is to lose its service before another one takes it.
 */

import type { Family } from '../../model/config.js';
import { type PacketRules, rulesOf, type WantedRules } from './rules.js';

export interface Moment {
  /** What stands in our table. */
  readonly standing: PacketRules;
  /** Whether the services of the configuration stand, so that what only the one before wanted can go. */
  readonly settled: boolean;
  /** Whether the service of a mark stands. */
  readonly stands: (family: Family, mark: number) => boolean;
  /** Whether connections may still need translation that have begun with rules which are gone. */
  readonly lingers: boolean;
}

export function rulesNow(wanted: WantedRules, { standing, settled, stands, lingers }: Moment): PacketRules {
  const goesOn = standing.translates && lingers;
  const marked = new Set([...standing.marks.values()].map(markOf));
  const marks = [...wanted.marks.values()].filter((rule) => marked.has(markOf(rule)) || stands(rule.family, rule.mark));
  const snats = [...wanted.snats.values()];
  if (!settled) return rulesOf([...marks, ...standing.marks.values()], [...snats, ...standing.snats.values()]);
  if (wanted.whole) return rulesOf(marks, snats, goesOn);
  // Of a virtual whose name has no address nobody knows which of these are its own.
  const others = <T>(all: ReadonlyMap<string, T>, own: ReadonlyMap<string, T>): T[] =>
    [...all].filter(([key]) => !own.has(key)).map(([, rule]) => rule);
  return rulesOf(
    [...marks, ...others(standing.marks, wanted.marks)],
    [...snats, ...others(standing.snats, wanted.snats)],
    goesOn,
  );
}

function markOf({ family, mark }: { readonly family: Family; readonly mark: number }): string {
  return `${family} ${mark}`;
}
