/** Whether this director is the active one, as whoever elects it has it, and for which addresses. */

import type { Virtual } from './config.js';
import { vipOf } from './endpoint.js';

/** `active` for any address of a virtual service; `unknown` while nobody says, which is taken for active. */
export type RoleWord = 'active' | 'passive' | 'unknown';

export interface RoleState {
  readonly word: RoleWord;
  /** The addresses that it is active for, in their canonical form; null where that makes no difference. */
  readonly held: ReadonlySet<string> | null;
  /** What is wrong with whoever says it; null where nothing is. */
  readonly fault: string | null;
}

/** A role, and what of a passive director follows it. */
export interface RoleInForce extends RoleState {
  /** Whether the table has services for which this director is not active. */
  readonly table: 'always' | 'active';
  /** When servers are checked for which it is not: as always, never, or so many times less often. */
  readonly checks: 'always' | 'active' | number;
}

/** What can be seen of it. */
export interface RoleStatus extends Omit<RoleInForce, 'held'> {
  /** Who says it. */
  readonly by: 'always' | 'address' | 'command';
  /** Since when it is this one, in milliseconds since 1970. */
  readonly since: number;
  /** The addresses that it is active for; null where that makes no difference. */
  readonly held: readonly string[] | null;
}

/** Nobody elects: each director is active for everything. */
export const alwaysActive: RoleInForce = { word: 'active', held: null, fault: null, table: 'always', checks: 'always' };

/** The virtual services for which this director is not active. */
export function passiveAmong(role: RoleState, virtuals: readonly Virtual[]): ReadonlySet<Virtual> {
  const isEverything = role.word === 'unknown' || (role.word === 'active' && role.held === null);
  return isEverything ? nothing : new Set(virtuals.filter((virtual) => !isActiveFor(role, virtual)));
}

const nothing: ReadonlySet<Virtual> = new Set();

/**
 * Whether this director is active for a virtual service: where it holds its address. Under a mark of somebody else, and
 * while its name has no address, where it holds any.
 */
export function isActiveFor(role: RoleState, { endpoint }: Pick<Virtual, 'endpoint'>): boolean {
  return isActiveAt(role, vipOf(endpoint));
}

/** The same of an address; null where none is known. */
export function isActiveAt({ word, held }: RoleState, address: string | null): boolean {
  if (word !== 'active') return word === 'unknown';
  return held === null || address === null || held.has(address);
}

export function isSameRole(one: RoleState, other: RoleState): boolean {
  return one.word === other.word && one.fault === other.fault && isSameSet(one.held, other.held);
}

function isSameSet(one: ReadonlySet<string> | null, other: ReadonlySet<string> | null): boolean {
  if (one === null || other === null || one === other) return one === other;
  return one.size === other.size && [...one].every((address) => other.has(address));
}
