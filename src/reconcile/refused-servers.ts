/** Which servers take no traffic, since the table does not take them. */

import { destinationKey, serviceKey } from '../ipvs/table.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { destinationOf, serviceOf } from './desired.js';
import type { Unserved } from './refusals.js';

const none: ReadonlySet<RealServer> = new Set();

export function refusedServers({ virtuals }: Config, unserved: Unserved): ReadonlySet<RealServer> {
  if (!unserved.some) return none;
  const refused = new Set<RealServer>();
  for (const virtual of virtuals) for (const real of refusedIn(virtual, unserved)) refused.add(real);
  return refused;
}

/** Of one virtual, real servers and fallbacks. */
export function refusedIn(virtual: Virtual, unserved: Unserved): readonly RealServer[] {
  const service = unserved.some ? serviceOf(virtual) : null;
  if (service === null) return [];
  const key = serviceKey(service);
  return [...virtual.realServers, ...virtual.fallbacks].filter((real) => {
    const destination = destinationOf(virtual, real);
    return destination !== null && unserved.has(key, destinationKey(destination));
  });
}
