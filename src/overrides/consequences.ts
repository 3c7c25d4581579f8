/** What else is to be known of what was asked for single servers: a sentence each. */

import type { RealServer, Virtual } from '../model/config.js';
import { endpointName, serverName } from '../model/names.js';
import { originWords } from '../model/origin.js';
import { type Hold, holdText, type InForce, isDrained } from '../model/override.js';
import { missingSlotFlag } from '../model/slots.js';
import type { Place } from './places.js';
import type { OverrideStore } from './store.js';

export type SteeringVerb = 'drain' | 'undrain' | 'weight';

/** How things are once it counts. */
export interface Situation {
  readonly store: Pick<OverrideStore, 'all'>;
  /** As it was decided last. */
  readonly inForce: () => InForce;
  readonly isInUse: (virtual: Virtual) => boolean;
  /** Whether a fallback would answer. */
  readonly hasFallback: (virtual: Virtual) => boolean;
}

export function consequences(what: SteeringVerb, places: readonly Place[], situation: Situation): string[] {
  const { held } = situation.inForce();
  const notes = places.flatMap(({ virtual, real }) => {
    const hold = held.get(real);
    if (hold === undefined || (what === 'drain' && isDrained(hold))) return [];
    return [`${serverName(real)} (${endpointName(virtual.endpoint)}) is held: ${wordsOf(hold)}`];
  });
  notes.push(...whoStillComes(places, situation), ...whoIsDropped(places, situation));
  for (const virtual of new Set(places.map((place) => place.virtual))) {
    if (situation.isInUse(virtual)) continue;
    const instead = situation.hasFallback(virtual) ? 'its fallback answers' : 'nobody answers';
    notes.push(`no real server of ${endpointName(virtual.endpoint)} is in use: ${instead}`);
  }
  return notes;
}

export function wordsOf(hold: Hold): string {
  return holdText(hold, originWords(hold));
}

/** At weight 0 a server gets no new connection, but for those of persistent clients as the kernel is set. */
function whoStillComes(places: readonly Place[], { store, inForce }: Situation): string[] {
  const kept = places.filter(({ virtual, real }) => virtual.persistent !== null && isAtZero(real, inForce()));
  if (kept.length === 0 || !store.all.persistsAtZero) return [];
  const names = new Set(kept.map(({ virtual }) => endpointName(virtual.endpoint)));
  const advice = 'set sysctl net.ipv4.vs.expire_quiescent_template=1';
  return [`persistent clients of ${joinNames([...names])} still come to it: ${advice}`];
}

/** The clients that hash to a server of weight 0 get no other one. */
function whoIsDropped(places: readonly Place[], { inForce }: Situation): string[] {
  const notes = places.flatMap(({ virtual, real }) => {
    const flag = missingSlotFlag(virtual);
    if (flag === null || !isAtZero(real, inForce())) return [];
    return [`${virtual.scheduler} drops new clients that it has for it: set schedflags=${flag}`];
  });
  return [...new Set(notes)];
}

function isAtZero(real: RealServer, { held, weights }: InForce): boolean {
  return isDrained(held.get(real)) || weights.get(real)?.weight === 0;
}

/** Names that a note lists. */
const longestList = 8;

function joinNames(names: readonly string[]): string {
  const more = names.length > longestList ? [`${names.length - longestList} more`] : [];
  return [...names.slice(0, longestList), ...more].join(', ');
}
