/** Who is held out or has another weight, across changes of the configuration, and what is new in it. */

import type { Config, RealServer, Virtual } from '../config/model.js';
import { endpointName, memberName, serverName } from '../config/names.js';
import type { Event } from '../events.js';
import type { Hold, Override } from '../reconcile/desired.js';

/** What is asked for servers, by names that stay from one configuration to the next. */
export type ByName<T> = ReadonlyMap<string, { readonly asked: T; readonly subject: Subject }>;

interface Subject {
  readonly virtual: string;
  readonly server: string;
  readonly protocol: string;
}

export const nobody: ByName<never> = new Map();

export function byName<T>({ virtuals }: Config, asked: ReadonlyMap<RealServer, T>): ByName<T> {
  if (asked.size === 0) return nobody;
  const found = new Map<string, { asked: T; subject: Subject }>();
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      const its = asked.get(real);
      if (its) found.set(memberName(virtual, real), { asked: its, subject: subjectOf(virtual, real) });
    }
  }
  return found;
}

/** What to tell of a change of who is held out. A server that the configuration no longer names is held no more. */
export function changesOf(before: ByName<Hold>, after: ByName<Hold>): Event[] {
  const events: Event[] = [];
  for (const [name, { subject }] of before) {
    if (!after.has(name)) events.push({ type: 'maintenance-ended', ...subject });
  }
  for (const [name, { subject, asked }] of after) {
    if (!before.has(name)) events.push({ type: 'maintenance-began', ...subject, reason: asked.reason });
  }
  return events;
}

/** The same for weights. */
export function weightChanges(before: ByName<Override>, after: ByName<Override>): Event[] {
  const events: Event[] = [];
  for (const [name, { subject }] of before) {
    if (!after.has(name)) events.push({ type: 'weight-restored', ...subject });
  }
  for (const [name, { subject, asked }] of after) {
    const earlier = before.get(name)?.asked;
    if (earlier?.weight === asked.weight && earlier.until === asked.until) continue;
    events.push({ type: 'weight-overridden', ...subject, weight: asked.weight, until: asked.until });
  }
  return events;
}

function subjectOf({ endpoint }: Virtual, real: RealServer): Subject {
  return { virtual: endpointName(endpoint), server: serverName(real), protocol: endpoint.protocol };
}
