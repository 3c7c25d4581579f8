/** Destinations at which a service ends at itself: what is forwarded there comes back, to be forwarded again, for ever. */

import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressText, addressWords } from '../address.js';
import { type DestinationIdentity, destinationKey, serviceKey } from '../table.js';
import type { AddressedService } from './listener.js';

/** A service as far as it counts here: where it listens, and where it leads. */
export interface Way {
  readonly service: Pick<AddressedService, 'protocol' | 'family' | 'address' | 'port'>;
  readonly destinations: ReadonlyMap<string, DestinationIdentity>;
}

/** Tells whether an address is one of this machine. */
export type IsLocal = (address: string) => boolean;

/**
 * The services, by key, that a connection goes through until it comes back to this one: itself alone where the
 * destination is the service. Null where it never does. `ways` are by service key.
 */
export function loopThrough(
  ways: ReadonlyMap<string, Way>,
  service: Way['service'],
  destination: DestinationIdentity,
  isLocal: IsLocal,
): readonly string[] | null {
  const origin = serviceKey(service);
  const seen = new Set<string>();
  const follow = (from: Way['service'], { address, port }: DestinationIdentity): readonly string[] | null => {
    const key = listenerAt(ways, { ...from, address, port: port || from.port }, isLocal);
    if (key === null || seen.has(key)) return null;
    if (key === origin) return [key];
    seen.add(key);
    const way = ways.get(key);
    for (const next of way?.destinations.values() ?? []) {
      const rest = way && follow(way.service, next);
      if (rest) return [key, ...rest];
    }
    return null;
  };
  return follow(service, destination);
}

/** What is wrong with such a destination. */
export function describeLoop(destination: DestinationIdentity, through: readonly string[]): string {
  const name = destinationKey(destination);
  const others = through.slice(0, -1);
  if (others.length === 0) return `${name} is the service itself, which would forward to itself for ever`;
  return `${name} leads back to the service itself, through ${others.join(' and ')}`;
}

/** The service that takes what is sent to an address and port; one that listens there goes before one everywhere. */
function listenerAt(
  ways: ReadonlyMap<string, Way>,
  { protocol, address, port }: Pick<Way['service'], 'protocol' | 'address' | 'port'>,
  isLocal: IsLocal,
): string | null {
  const reached = reachedAddress(address);
  const family = isIPv4(reached) ? 'inet' : 'inet6';
  const there = serviceKey({ protocol, family, address: reached, port });
  if (ways.has(there)) return there;
  const everywhere = serviceKey({ protocol, family, address: family === 'inet' ? '0.0.0.0' : '::', port });
  return ways.has(everywhere) && isLocal(reached) ? everywhere : null;
}

/** Whether who listens to this address listens to all of its family. */
export function isEverywhere(address: string): boolean {
  return addressWords(address).every((word) => word === 0);
}

/** As a service would name it: an IPv4 address in an IPv6 one is that (RFC 4291, 2.5.5.2), and no address the loopback. */
function reachedAddress(address: string): string {
  const words = addressWords(address);
  if (isEverywhere(address)) return words.length === 1 ? '127.0.0.1' : '::1';
  const [first, second, third, last = 0] = words;
  if (first === 0 && second === 0 && third === 0xffff) return addressText([last]);
  const [, zone] = address.split('%');
  return zone === undefined ? addressText(words) : `${addressText(words)}%${zone}`;
}

/** The addresses that this machine has when first asked. */
export function ownAddresses(): IsLocal {
  let known: ReadonlySet<string> | null = null;
  return (address) => {
    const [bare = ''] = address.split('%');
    if (bare.startsWith('127.')) return true;
    known ??= new Set(
      Object.values(networkInterfaces()).flatMap((entries) => entries?.map((entry) => entry.address) ?? []),
    );
    return known.has(bare);
  };
}
