/** Addresses that more than one director says it is active for: a brain that is split. */

import type { Presence } from './presence.js';

export interface Claim {
  readonly vip: string;
  /** The others that claim it, in the order of their names. */
  readonly others: readonly string[];
}

/** Of the addresses that this director is active for those that others are, too; by address. */
export function contestedBy(
  { role, vips }: Pick<Presence, 'role' | 'vips'>,
  others: Iterable<{ readonly name: string; readonly presence: Pick<Presence, 'role' | 'vips'> }>,
): ReadonlyMap<string, Claim> {
  if (role !== 'active' || vips === null) return new Map();
  const claims = new Map<string, Claim>();
  const active = [...others].filter(({ presence }) => presence.role === 'active');
  for (const vip of vips) {
    const names = active.flatMap(({ name, presence }) => (presence.vips?.includes(vip) ? name : []));
    if (names.length > 0) claims.set(vip, { vip, others: names.sort() });
  }
  return claims;
}
