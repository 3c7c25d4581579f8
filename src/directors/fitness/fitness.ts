/**
 * How fit this director is, as a number for those who elect: the share of the services that it has servers for, of those
 * of which that is known. Pure.
 */

import { isOut } from '../../model/override.js';
import { keyOfVirtual } from '../../model/subject.js';
import type { Standings } from '../../reconcile/standings/standings.js';

/** Of a director all of whose services have servers. keepalived has numbers up to 254 for it and its own together. */
export const fittest = 100;

export interface Fitness {
  /** 0 to `fittest`; 0 where it has servers for none of its services. */
  readonly share: number;
  /** Services of which nothing is known yet. */
  readonly open: number;
}

/** What the servers of a service are, without those whom somebody holds out. */
interface Service {
  isBelow: boolean;
  /** Whether there is one that is in use for sure, one that counts at all, and one of which nothing is known. */
  isServed: boolean;
  counts: boolean;
  isOpen: boolean;
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
  const { held, weights, shares } = inForce;
  const isAnyOut = held.size + weights.size + shares.size > 0;
  for (const virtual of config.virtuals) {
    const key = keyOfVirtual(virtual);
    const service = services.get(key) ?? { isBelow: false, isServed: false, counts: false, isOpen: false };
    services.set(key, service);
    service.isBelow ||= below.has(virtual);
    const standings = of.get(virtual) ?? [];
    // Of a hundred thousand servers hardly any is held out: they are not asked about one by one.
    for (let index = 0; index < standings.length; index += 1) {
      const [standing, real] = [standings[index], virtual.realServers[index]];
      if (standing === undefined || real === undefined || (isAnyOut && isOut(real, inForce))) continue;
      service.counts = true;
      if (!standing.isKnown) service.isOpen = true;
      else if (standing.place === 'in use') service.isServed = true;
      // The others make no difference.
      if (service.isServed) break;
    }
  }
  let [well, ill, open] = [0, 0, 0];
  for (const { isBelow, isServed, counts, isOpen } of services.values()) {
    if (isBelow) ill += 1;
    else if (isServed || !counts) well += 1;
    else if (isOpen) open += 1;
    else ill += 1;
  }
  const known = well + ill;
  if (known === 0) return { share: open === 0 ? fittest : 0, open };
  // One of thousands that is lost shows, and so does one that is left.
  const share = Math.floor((well * fittest) / known);
  return { share: well > 0 ? Math.max(1, share) : 0, open };
}
