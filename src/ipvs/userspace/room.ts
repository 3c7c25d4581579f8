/** Which services have to stop listening before another one can begin to: two cannot listen to one address. */

import type { Operation } from '../backend.js';
import { type Service, type ServiceIdentity, serviceKey } from '../table.js';
import { isEverywhere } from './loops.js';

/**
 * What comes in comes in before what goes out: of the services that leave in this batch, those that stand in the way of
 * one that is added by it, by their keys.
 */
export function roomFor(operations: readonly Operation[]): (added: Service) => readonly string[] {
  /** By all of it that is not its address. */
  const leaving = new Map<string, Set<string>>();
  for (const { type, service } of operations) {
    if (type !== 'delete-service' || service.protocol === 'fwm') continue;
    const keys = leaving.get(portOf(service)) ?? new Set();
    leaving.set(portOf(service), keys.add(serviceKey(service)));
  }
  return (added) => {
    if (added.protocol === 'fwm') return [];
    const keys = leaving.get(portOf(added));
    if (keys === undefined) return [];
    if (isEverywhere(added.address)) return [...keys];
    const everywhere = { ...added, address: added.family === 'inet' ? '0.0.0.0' : '::' };
    return [serviceKey(added), serviceKey(everywhere)].filter((key) => keys.has(key));
  };
}

function portOf({ protocol, family, port }: Exclude<ServiceIdentity, { readonly protocol: 'fwm' }>): string {
  return `${protocol} ${family} ${port}`;
}
