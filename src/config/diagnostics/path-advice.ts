/** Warnings about checks that go as the kernel forwards, whose answers this machine, as it is set, would drop. */

import type { Config, Virtual } from '../../model/config.js';
import { addressedBy } from '../../model/endpoint.js';
import type { Diagnostic } from './diagnostics.js';
import { sayOnce } from './said-once.js';

/** Of a network interface: settings of net.ipv4.conf, with what `all` makes of them; null where they cannot be read. */
export interface DeviceSettings {
  readonly acceptLocal: number | null;
  readonly reverseFilter: number | null;
}

/** What this machine knows of addresses and its interfaces. */
export interface PathFacts {
  /** The interface that has the address, or else that leads there; null where none does. */
  readonly deviceOf: (address: string) => string | null;
  readonly settings: ReadonlyMap<string, DeviceSettings>;
}

/** Addresses whose interfaces are to be known. IPv6 judges no source by its way. */
export function* addressesOnPaths({ virtuals }: Config): Generator<string> {
  for (const virtual of virtuals) {
    for (const [service, server] of pathsIn(virtual)) {
      yield service;
      yield server;
    }
  }
}

export function adviseOnPaths(config: Config, { deviceOf, settings }: PathFacts): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [device, { acceptLocal, reverseFilter }] of settings) {
    const name = `net.ipv4.conf.${device.replaceAll('.', '/')}`;
    const comesIn = ([, server]: Path): boolean => deviceOf(server) === device;
    // By fib_validate_source() of Linux: what comes from an address of this machine, and what would go back elsewhere.
    if (acceptLocal === 0) {
      const message =
        'answers to forwarded checks come from the address of the virtual service, and this machine drops them at ' +
        `${device} while it has that address itself: set sysctl ${name}.accept_local=1`;
      const isMeant = (virtual: Virtual): boolean => pathsIn(virtual).some(comesIn);
      found.push(...sayOnce(config, { code: 'path-closed', message, isMeant }));
    }
    if (reverseFilter === 1) {
      const message =
        `answers to forwarded checks come in at ${device}, and this machine drops them there, since the address of the ` +
        `virtual service is not on it: set sysctl ${name}.rp_filter=2`;
      const isMeant = (virtual: Virtual): boolean =>
        pathsIn(virtual).some((path) => comesIn(path) && ![device, null].includes(deviceOf(path[0])));
      found.push(...sayOnce(config, { code: 'path-closed', message, isMeant }));
    }
  }
  return found;
}

type Path = readonly [service: string, server: string];

function pathsIn({ checkpath, family, endpoint, realServers }: Virtual): Path[] {
  if (checkpath === 'direct' || family === 'inet6') return [];
  const service = addressedBy(endpoint)?.address ?? null;
  if (service === null) return [];
  return realServers.flatMap(({ host: { address }, forward }): Path[] =>
    address === null || forward === 'masq' ? [] : [[service, address]],
  );
}
