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
  const isServed = (servers: readonly RealServer[], earlier: boolean): boolean =>
    servers.some(isInUse) || (earlier && !servers.every(isKnown));
  const use = new Map<string, boolean>();
  const changes: UseChange[] = [];
  const shared = new Map<string, { readonly virtual: Virtual; readonly servers: RealServer[] }>();
  for (const virtual of virtuals) {
    const name = nameOf(virtual);
    if (use.has(name)) shared.set(name, { virtual, servers: [] });
    const earlier = before.get(name) ?? true;
    const inUse = isServed(virtual.realServers, earlier);
    use.set(name, inUse);
    if (inUse !== earlier) changes.push({ virtual, inUse });
  }
  if (shared.size === 0) return { use, changes };

  // Those of one name are one service, in which the servers of all are in use or not.
  for (const virtual of virtuals) shared.get(nameOf(virtual))?.servers.push(...virtual.realServers);
  const alone = changes.filter(({ virtual }) => !shared.has(nameOf(virtual)));
  const together: UseChange[] = [];
  for (const [name, { virtual, servers }] of shared) {
    const earlier = before.get(name) ?? true;
    const inUse = isServed(servers, earlier);
    use.set(name, inUse);
    if (inUse !== earlier) together.push({ virtual, inUse });
  }
  return { use, changes: [...alone, ...together] };
}
