/** How addresses and ports are printed: as numbers, or by the names that were found for them. */

import type { Protocol, ServicePorts } from '../system/port-names.js';

export interface Names {
  /** Undefined where it has none. */
  host(address: string): string | undefined;
  port(port: number, protocol: Protocol): string | undefined;
}

export const numbersAlone: Names = { host: () => undefined, port: () => undefined };

/** Characters of an address and its port together; ipvsadm cuts off what is beyond. */
const longestLabel = 59;

/** `protocol` is null where the port belongs to none: it stays a number. */
export function endpointLabel(address: string, port: number, protocol: Protocol | null, names: Names): string {
  const host = names.host(address) ?? address;
  const service = (protocol && names.port(port, protocol)) ?? String(port);
  return (address.includes(':') ? `[${host}]:${service}` : `${host}:${service}`).slice(0, longestLabel);
}

export function namesFrom(hosts: ReadonlyMap<string, string>, services: ServicePorts): Names {
  return { host: (address) => hosts.get(address), port: (port, protocol) => services.name(port, protocol) };
}
