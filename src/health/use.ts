/** Whether a virtual has a real server in use, and when that changes. */

import type { Config, RealServer, Virtual } from '../config/model.js';

export interface UseOptions {
  readonly nameOf: (virtual: Virtual) => string;
  readonly isInUse: (real: RealServer) => boolean;
  /** Whether it is known yet whether the server is in use. */
  readonly isKnown: (real: RealServer) => boolean;
}

/** By the virtual's name. */
export type Use = ReadonlyMap<string, boolean>;

export interface UseChange {
  readonly virtual: Virtual;
  readonly inUse: boolean;
}

/**
 * A virtual that is new counts as in use, and one keeps what it was until a first server is in use or every server
 * is known not to be: a start that finds everything well tells nothing.
 */
export function useOf(
  { virtuals }: Config,
  before: Use,
  { nameOf, isInUse, isKnown }: UseOptions,
): { readonly use: Use; readonly changes: readonly UseChange[] } {
  // Those of one name are one service, in which the servers of all are in use or not.
  const services = new Map<string, { readonly virtual: Virtual; readonly some: boolean; readonly known: boolean }>();
  for (const virtual of virtuals) {
    const name = nameOf(virtual);
    const others = services.get(name);
    const some = others?.some || virtual.realServers.some(isInUse);
    const known = (others?.known ?? true) && (some || virtual.realServers.every(isKnown));
    services.set(name, { virtual: others?.virtual ?? virtual, some, known });
  }
  const use = new Map<string, boolean>();
  const changes: UseChange[] = [];
  for (const [name, { virtual, some, known }] of services) {
    const earlier = before.get(name) ?? true;
    const inUse = some || (earlier && !known);
    use.set(name, inUse);
    if (inUse !== earlier) changes.push({ virtual, inUse });
  }
  return { use, changes };
}
