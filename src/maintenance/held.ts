/** Who is held out, across changes of the configuration, and what is new in it. */

import type { Config, RealServer, Virtual } from '../config/model.js';
import { endpointName, memberName, serverName } from '../config/names.js';
import type { Event } from '../events.js';
import type { Admin, Hold } from '../reconcile/desired.js';

/** By names that stay from one configuration to the next. */
export type HeldByName = ReadonlyMap<string, { readonly hold: Hold; readonly subject: Subject }>;

interface Subject {
  readonly virtual: string;
  readonly server: string;
  readonly protocol: string;
}

export const nobody: HeldByName = new Map();

export function byName({ virtuals }: Config, admin: Admin): HeldByName {
  if (admin.size === 0) return nobody;
  const held = new Map<string, { hold: Hold; subject: Subject }>();
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      const hold = admin.get(real);
      if (hold) held.set(memberName(virtual, real), { hold, subject: subjectOf(virtual, real) });
    }
  }
  return held;
}

/** What to tell of a change. A server that the configuration no longer names has its maintenance ended. */
export function changesOf(before: HeldByName, after: HeldByName): Event[] {
  const events: Event[] = [];
  for (const [name, { subject }] of before) {
    if (!after.has(name)) events.push({ type: 'maintenance-ended', ...subject });
  }
  for (const [name, { subject, hold }] of after) {
    if (!before.has(name)) events.push({ type: 'maintenance-began', ...subject, reason: hold.reason });
  }
  return events;
}

function subjectOf({ endpoint }: Virtual, real: RealServer): Subject {
  return { virtual: endpointName(endpoint), server: serverName(real), protocol: endpoint.protocol };
}
