/** Which check decides about which server. */

import type { Config, RealServer, Virtual } from '../config/model.js';
import type { Check } from '../probes/probe.js';
import { checksOf, type Settled, settled } from './check.js';

export interface Assignment {
  readonly virtual: Virtual;
  readonly real: RealServer;
  /** Key of the deciding check, or the health that needs none and why. */
  readonly decidedBy: { readonly check: string } | Settled;
}

export interface Assignments {
  /** Each check once, however many servers of however many virtuals it decides about. */
  readonly checks: ReadonlyMap<string, Check>;
  readonly servers: readonly Assignment[];
}

export function* assigning({ virtuals }: Config): Generator<undefined, Assignments> {
  const checks = new Map<string, Check>();
  const servers: Assignment[] = [];
  for (const virtual of virtuals) {
    const without = settled(virtual);
    const checkOf = checksOf(virtual);
    for (const real of virtual.realServers) {
      const keyed = without === null ? checkOf(real) : null;
      if (keyed === null) {
        servers.push({ virtual, real, decidedBy: withoutCheck(real, without) });
        continue;
      }
      const { key, check } = keyed;
      if (!checks.has(key)) checks.set(key, check);
      servers.push({ virtual, real, decidedBy: { check: key } });
    }
    yield;
  }
  return { checks, servers };
}

function withoutCheck({ host }: RealServer, without: Settled | null): Settled {
  if (host.address !== null && without !== null) return without;
  return { up: false, reason: host.unresolved ?? 'its name is not resolved yet' };
}
