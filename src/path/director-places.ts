/** Who is served how, as the director sees it. */

import type { Config, Server, Virtual } from '../model/config.js';
import { addressedBy } from '../model/endpoint.js';
import { type Machine, routeKey } from './machine.js';
import { isLoopback, towards } from './real-servers.js';

/** A server of a virtual service, real or a fallback, that is another machine. */
export interface DirectorPlace {
  readonly virtual: Virtual;
  readonly server: Server;
  /** The server's address. */
  readonly own: string;
}

/** Those whose names have an address; on the director itself the kernel needs no way. */
export function placesOf({ virtuals }: Pick<Config, 'virtuals'>): DirectorPlace[] {
  return virtuals.flatMap((virtual) =>
    [...virtual.realServers, ...virtual.fallbacks].flatMap((server): DirectorPlace[] => {
      const { address } = server.host;
      return address === null || isLoopback(address) ? [] : [{ virtual, server, own: address }];
    }),
  );
}

/** Null where packets have a mark that somebody else gives, and where a name has no address. */
export function serviceAddress({ endpoint }: Virtual): string | null {
  return addressedBy(endpoint)?.address ?? null;
}

/** The device by which it is reached; null where no way leads there, or it is this machine itself. */
export function deviceTo(address: string, { routes }: Machine): string | null {
  const route = routes.get(routeKey(towards(address)));
  return route === null || route === undefined || route.isLocal ? null : route.device;
}

/** Where clients come in, as far as that can be told: the device that has the address, or is to have it. */
export function serviceDevice(virtual: Virtual, { addresses }: Machine): string | null {
  const address = serviceAddress(virtual);
  return virtual.vip?.device ?? addresses.find((one) => one.address === address)?.device ?? null;
}
