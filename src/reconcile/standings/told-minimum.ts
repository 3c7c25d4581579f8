/** What is to be told of services below their minimum, from one decision to the next. */

import type { Event } from '../../events.js';
import type { BelowMinimum, Virtual } from '../../model/config.js';
import { type VirtualSubject, virtualKey, virtualSubjectOf } from '../../model/subject.js';
import type { Below } from './minimum.js';
import type { Standings } from './standings.js';

interface Told {
  readonly subject: VirtualSubject;
  readonly found: Below;
  readonly rule: BelowMinimum;
  /** Whether the rule is that the fallback serves alone, and none is up. */
  readonly lacksFallback: boolean;
}

/** By the virtual's key. */
export type ToldMinimum = ReadonlyMap<string, Told>;

/** Of these virtuals; of all without. */
export function toldMinimum(
  { below, serving }: Pick<Standings, 'below' | 'serving'>,
  virtuals: Iterable<Virtual> = below.keys(),
): ToldMinimum {
  const told = new Map<string, Told>();
  for (const virtual of below.size === 0 ? [] : virtuals) {
    const found = below.get(virtual);
    if (found === undefined) continue;
    const subject = virtualSubjectOf(virtual);
    const rule = virtual.belowminimum;
    told.set(virtualKey(subject), {
      subject,
      found,
      rule,
      lacksFallback: rule === 'fallback' && !serving.has(virtual),
    });
  }
  return told;
}

/** Where a rule begins, or has a fallback to rule with, or has none any more; and where it is over. */
export function minimumEvents(before: ToldMinimum, after: ToldMinimum): Event[] {
  const events: Event[] = [];
  for (const [key, { subject }] of before) {
    if (!after.has(key)) events.push({ type: 'virtual-minimum-restored', ...subject });
  }
  for (const [key, { subject, found, rule, lacksFallback }] of after) {
    if (before.get(key)?.lacksFallback === lacksFallback) continue;
    events.push({
      type: 'virtual-below-minimum',
      ...subject,
      ...found,
      rule,
      ...(lacksFallback && { lacksFallback }),
    });
  }
  return events;
}
