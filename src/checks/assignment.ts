/** Which check decides about which server. */

import type { Config, RealServer, Virtual } from '../config/model.js';
import type { Check } from '../probes/probe.js';
import { checkKey, checkOf, verdict } from './check.js';

export interface Assignment {
  readonly virtual: Virtual;
  readonly real: RealServer;
  /** Key of the deciding check, or the health that needs none and why. */
  readonly decidedBy: { readonly check: string } | { readonly up: boolean; readonly reason: string };
}

export interface Assignments {
  /** Each check once, however many servers of however many virtuals it decides about. */
  readonly checks: ReadonlyMap<string, Check>;
  readonly servers: readonly Assignment[];
}

export function assign(config: Config): Assignments {
  const checks = new Map<string, Check>();
  const servers: Assignment[] = [];
  for (const virtual of config.virtuals) {
    for (const real of virtual.realServers) {
      const check = checkOf(virtual, real);
      if (check === null) {
        servers.push({ virtual, real, decidedBy: withoutCheck(virtual, real) });
        continue;
      }
      const key = checkKey(check);
      checks.set(key, check);
      servers.push({ virtual, real, decidedBy: { check: key } });
    }
  }
  return { checks, servers };
}

function withoutCheck(virtual: Virtual, real: RealServer): { up: boolean; reason: string } {
  if (real.host.address === null) return { up: false, reason: real.host.unresolved ?? 'its name is not resolved yet' };
  if (verdict(virtual) === 'down') return { up: false, reason: 'checktype=off' };
  return { up: true, reason: virtual.checktype === 'on' ? 'checktype=on' : 'service=none' };
}
