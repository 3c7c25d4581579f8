/** Where it can be asked who has the addresses of services. */

import type { Config } from '../../model/config.js';
import type { ArpQuestion } from '../arp.js';
import { placesOf, serviceAddress } from '../director-places.js';
import { type Link, type Machine, routeKey } from '../machine.js';
import { familyOf, towards } from '../real-servers.js';

/** Each address at its device, or where that is none of Ethernet, at those by which its servers are. IPv4 alone has ARP. */
export function arpQuestions({ virtuals }: Config, machine: Machine): ArpQuestion[] {
  const found = new Map<string, ArpQuestion>();
  for (const virtual of virtuals) {
    const address = serviceAddress(virtual);
    if (address === null || familyOf(address) !== 'inet') continue;
    const own = placeOf(address, machine);
    const links =
      own === null ? placesOf({ virtuals: [virtual] }).flatMap((place) => placeOf(place.own, machine) ?? []) : [own];
    for (const { name, mac } of links) {
      if (mac !== null) found.set(`${address} ${name}`, { address, device: name, mac });
    }
  }
  return [...found.values()];
}

/** The link that it is on, as far as somebody on it could answer. */
function placeOf(address: string, { addresses, links, routes }: Machine): Link | null {
  const route = routes.get(routeKey(towards(address)));
  if (!route || route.gateway !== null) return null;
  const names = route.isLocal
    ? addresses.filter((one) => one.address === address).map(({ device }) => device)
    : [route.device];
  const link = names.flatMap((name) => links.get(name) ?? []).find(isHeard);
  return link ?? null;
}

function isHeard({ mac, kind, isUp, hasCarrier }: Link): boolean {
  return mac !== null && kind !== 'dummy' && isUp && hasCarrier;
}
