/** What is told of a role that is another one than before. */

import type { Event } from '../../events.js';
import type { RoleState } from '../../model/role.js';

export function roleEvents(before: RoleState, after: RoleState): Event[] {
  const events: Event[] = [];
  if (after.fault !== null && after.fault !== before.fault) events.push({ type: 'role-failed', reason: after.fault });
  const [held, heldBefore] = [after.held ?? nobody, before.held ?? nobody];
  const gained = [...held].filter((address) => !heldBefore.has(address));
  const lost = [...heldBefore].filter((address) => !held.has(address));
  if (before.word !== after.word || gained.length + lost.length > 0) {
    events.push({ type: 'role-changed', role: after.word, gained, lost });
  }
  return events;
}

const nobody: ReadonlySet<string> = new Set();
