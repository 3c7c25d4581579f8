/** Which servers take no traffic, since the table does not take them. */

import { destinationKey, serviceKey } from '../ipvs/table.js';
import type { Config, RealServer } from '../model/config.js';
import { destinationOf, serviceOf } from './desired.js';
import type { Unserved } from './refusals.js';

const none: ReadonlySet<RealServer> = new Set();

export function refusedServers({ virtuals }: Config, unserved: Unserved): ReadonlySet<RealServer> {
  if (!unserved.some) return none;
  const refused = new Set<RealServer>();
  for (const virtual of virtuals) {
    const service = serviceOf(virtual);
    if (service === null) continue;
    const key = serviceKey(service);
    for (const real of [...virtual.realServers, ...virtual.fallbacks]) {
      const destination = destinationOf(virtual, real);
      if (destination !== null && unserved.has(key, destinationKey(destination))) refused.add(real);
    }
  }
  return refused;
}
