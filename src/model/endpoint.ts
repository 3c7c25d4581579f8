/** What a virtual service listens to, whichever kind it is of. */

import type { Carried, Endpoint, Host, Protocol } from './config.js';

/** What a mark of ours stands for; null for any other endpoint. */
export function carriedBy(endpoint: Endpoint): Carried | null {
  return endpoint.protocol === 'fwm' ? (endpoint.carries ?? null) : null;
}

/** The host whose address packets for it have; null where a mark of somebody else decides. */
export function addressedBy(endpoint: Endpoint): Host | null {
  return endpoint.protocol === 'fwm' ? (endpoint.carries?.host ?? null) : endpoint.host;
}

/** The address that packets for it have, without a zone; null where none is known, or a mark of somebody else decides. */
export function vipOf(endpoint: Endpoint): string | null {
  return addressedBy(endpoint)?.address?.split('%')[0] ?? null;
}

/** The same with the host's address known. */
export function withHost(endpoint: Endpoint, host: Host): Endpoint {
  if (endpoint.protocol !== 'fwm') return { ...endpoint, host };
  return endpoint.carries === undefined ? endpoint : { ...endpoint, carries: { ...endpoint.carries, host } };
}

/** The port of a service, or the first of several; 0 under a mark of somebody else. */
export function firstPortOf(endpoint: Endpoint): number {
  return endpoint.protocol === 'fwm' ? (endpoint.carries?.ports[0]?.from ?? 0) : endpoint.port;
}

/** How checks speak to it: over TCP where that is among what it carries. */
export function spokenAt(endpoint: Endpoint): Protocol {
  if (endpoint.protocol !== 'fwm' || endpoint.carries === undefined) return endpoint.protocol;
  return endpoint.carries.transports.includes('tcp') ? 'tcp' : 'udp';
}
