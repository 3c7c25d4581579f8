/** Addresses of services: whether they are here, and only here. */

import type { Config } from '../../../model/config.js';
import { serviceAddress } from '../../director-places.js';
import { routeKey } from '../../machine.js';
import { calledOf, familyOf, towards } from '../../real-servers.js';
import type { DirectorFacts, Holder } from '../director-facts.js';
import type { Finding } from '../finding.js';
import { onDirector } from './finding.js';

export function examineAddresses({ virtuals }: Config, { machine, holders }: DirectorFacts): Finding[] {
  const services = new Map<string, { readonly names: string[]; isOurs: boolean }>();
  for (const virtual of virtuals) {
    const address = serviceAddress(virtual);
    if (address === null) continue;
    const known = services.get(address) ?? { names: [], isOurs: false };
    known.names.push(calledOf(virtual));
    known.isOurs ||= virtual.vip !== null;
    services.set(address, known);
  }
  return [...services].flatMap(([address, { names, isOurs }]): Finding[] => {
    const others = holders.get(address) ?? [];
    const isHere = machine.routes.get(routeKey(towards(address)))?.isLocal === true;
    // A director in reserve has none of the addresses: another one does.
    if (isHere ? others.length === 0 : others.length > 0) return [];
    return [isHere ? elsewhere(address, names, others) : missing(address, names, isOurs)];
  });
}

function missing(address: string, names: readonly string[], isOurs: boolean): Finding {
  const prefix = familyOf(address) === 'inet' ? 32 : 128;
  return onDirector('virtual-address-missing', {
    object: address,
    for: names,
    seen: `${address} is on no device of this machine, nor does another answer for it`,
    mend: [
      isOurs
        ? 'ldirectord start: its daemon keeps the address while it runs'
        : `ip address add ${address}/${prefix} dev DEVICE`,
    ],
  });
}

function elsewhere(address: string, names: readonly string[], holders: readonly Holder[]): Finding {
  const answers = holders.map(({ device, mac }) => `${mac} at ${device}`);
  return onDirector('virtual-address-elsewhere', {
    object: address,
    for: names,
    seen: `it is here, and asked by ARP who has ${address}, there answers ${answers.join(', ')}`,
    mend: [
      'take the address off the other machine; a real server that has it on lo must keep it to itself, with ' +
        'net.ipv4.conf.all.arp_ignore=1 and net.ipv4.conf.all.arp_announce=2',
    ],
  });
}
