/**
 * How fit this director is, as a number for those who elect: the share of the services that it has servers for, of those
 * of which that is known. Pure.
 */

import { isOut } from '../../model/override.js';
import { virtualKey, virtualSubjectOf } from '../../model/subject.js';
import type { Standing } from '../../reconcile/standings/standing.js';
import type { Standings } from '../../reconcile/standings/standings.js';

/** Of a director all of whose services have servers. keepalived has numbers up to 254 for it and its own together. */
export const fittest = 100;

export interface Fitness {
  /** 0 to `fittest`; 0 where it has servers for none of its services. */
  readonly share: number;
  /** Services of which nothing is known yet. */
  readonly open: number;
}

interface Service {
  /** Of its servers, whom nobody holds out. */
  readonly counted: Standing[];
  isBelow: boolean;
}

/**
 * A service is well while a server of it is in use, and no fewer are healthy than `minhealthy` wants. Whom people,
 * schedules or agents hold out does not count: that is as they want it, on every director.
 */
export function fitnessOf({
  config,
  of,
  below,
  inForce,
}: Pick<Standings, 'config' | 'of' | 'below' | 'inForce'>): Fitness {
  const services = new Map<string, Service>();
  for (const virtual of config.virtuals) {
    const key = virtualKey(virtualSubjectOf(virtual));
    const service = services.get(key) ?? { counted: [], isBelow: false };
    services.set(key, service);
    service.isBelow ||= below.has(virtual);
    const standings = of.get(virtual) ?? [];
    for (const [index, real] of virtual.realServers.entries()) {
      const standing = standings[index];
      if (standing !== undefined && !isOut(real, inForce)) service.counted.push(standing);
    }
  }
  let [well, ill, open] = [0, 0, 0];
  for (const { counted, isBelow } of services.values()) {
    const isServed = counted.some(({ place, isKnown }) => place === 'in use' && isKnown);
    if (isBelow) ill += 1;
    else if (isServed || counted.length === 0) well += 1;
    else if (counted.every(({ isKnown }) => isKnown)) ill += 1;
    else open += 1;
  }
  const known = well + ill;
  if (known === 0) return { share: open === 0 ? fittest : 0, open };
  // One of thousands that is lost shows, and so does one that is left.
  const share = Math.floor((well * fittest) / known);
  return { share: well > 0 ? Math.max(1, share) : 0, open };
}
