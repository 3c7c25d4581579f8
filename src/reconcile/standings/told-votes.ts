/** What is to be told of services about whose servers other directors decide, from one decision to the next. */

import type { Event } from '../../events.js';
import type { Virtual } from '../../model/config.js';
import { type VirtualSubject, virtualKey, virtualSubjectOf } from '../../model/subject.js';
import type { Standings, Voted } from './standings.js';

/** By the virtual's key. */
export type ToldVotes = ReadonlyMap<string, VirtualSubject & Voted>;

/** Of these virtuals; of all without. */
export function toldVotes({ voted }: Pick<Standings, 'voted'>, virtuals: Iterable<Virtual> = voted.keys()): ToldVotes {
  const told = new Map<string, VirtualSubject & Voted>();
  for (const virtual of voted.size === 0 ? [] : virtuals) {
    const found = voted.get(virtual);
    if (found === undefined) continue;
    const subject = virtualSubjectOf(virtual);
    told.set(virtualKey(subject), { ...subject, ...found });
  }
  return told;
}

/** Where it begins, and where it is over: not each time that it is about one server more. */
export function voteEvents(before: ToldVotes, after: ToldVotes): Event[] {
  if (before.size + after.size === 0) return [];
  const over = [...before].filter(([key]) => !after.has(key));
  const began = [...after].filter(([key]) => !before.has(key));
  return [
    ...over.map(([, { kept: _, unused: __, ...subject }]): Event => ({ type: 'virtual-vote-over', ...subject })),
    ...began.map(([, voted]): Event => ({ type: 'virtual-voted', ...voted })),
  ];
}
