/** What would break if a server went now. */

import type { ServerStatus, VirtualStatus } from './model.js';

export interface Left {
  readonly active: number;
  readonly inactive: number;
  /** Persistent clients that are sent on to it. */
  readonly clients: number;
}

export const nothingLeft: Left = { active: 0, inactive: 0, clients: 0 };

/**
 * Only TCP has connections that are known to be over: of UDP every entry counts as inactive, and nobody knows what a
 * firewall mark stands for.
 */
export function leftOf(
  { protocol, persists }: Pick<VirtualStatus, 'protocol' | 'persists'>,
  { connections }: Pick<ServerStatus, 'connections'>,
): Left {
  if (connections === null) return nothingLeft;
  return {
    active: connections.active,
    inactive: protocol === 'tcp' ? 0 : connections.inactive,
    clients: persists ? (connections.persistent ?? 0) : 0,
  };
}

export function sum({ active, inactive, clients }: Left): number {
  return active + inactive + clients;
}

export function plus(a: Left, b: Left): Left {
  return { active: a.active + b.active, inactive: a.inactive + b.inactive, clients: a.clients + b.clients };
}

/** What is left of connections to a server on another director. */
export interface ElsewhereLeft {
  readonly director: string;
  /** Whether it is there now; of one that is not nobody can count. */
  readonly isThere: boolean;
  /** All its places together; null where it has not said it yet. */
  readonly left: Left | null;
  /** Places that its table has with a weight above 0 still. */
  readonly open: number;
}
