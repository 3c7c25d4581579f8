/** Why the packets of a check cannot be given a mark, by `checkpath` as well, or a source address. */

import { isIP } from 'node:net';
import type { Requirement, Virtual } from '../../model/config.js';
import { addressedBy, spokenAt } from '../../model/endpoint.js';
import { checkTypes } from '../check-types.js';
import { type ServiceName, services } from '../services.js';

export type RouteKeyword = 'checkmark' | 'checksource' | 'checkpath';

/** Of the ordinary check; null where it can. */
export function routeRefusal(virtual: Virtual, keyword: RouteKeyword): string | null {
  const { checktype, service, endpoint, family, checksource } = virtual;
  const { asks } = checkTypes[checktype];
  if (asks === 'program') {
    return `the program of checktype=${checktype} opens its own sockets, which ${keyword} cannot reach`;
  }
  const connects = asks === 'port' || (checktype === 'combined' && !services[service].asked);
  if (asks === 'machine' || (connects && spokenAt(endpoint) === 'udp')) return pingRefusal(keyword);
  const refusal = asks === 'port' ? null : serviceRefusal(service, keyword);
  if (refusal !== null) return refusal;
  if (keyword === 'checkpath') return pathRefusal(virtual);
  const wanted = family === 'inet6' ? 6 : 4;
  if (keyword === 'checksource' && isIP(checksource ?? '') !== wanted) {
    return `the real servers have IPv${wanted} addresses, and the source of their checks must be one too`;
  }
  return null;
}

/** Of a further check; whether the source is of the right family does not hang on it. */
export function furtherRouteRefusal({ kind }: Requirement, keyword: RouteKeyword): string | null {
  if (kind === 'connect') return null;
  const refusal = kind === 'ping' ? pingRefusal(keyword) : serviceRefusal(kind, keyword);
  return refusal && `${refusal}: take this check out, or ${keyword}`;
}

function pingRefusal(keyword: RouteKeyword): string {
  return `a ping takes no ${keyword}`;
}

function serviceRefusal(service: ServiceName, keyword: RouteKeyword): string | null {
  const { sockets } = services[service];
  if (sockets === 'library') {
    return `the library of service=${service} opens its own sockets, which ${keyword} cannot reach`;
  }
  return sockets === 'unmarked' && keyword !== 'checksource' ? `service=${service} takes no ${keyword}` : null;
}

function pathRefusal({ endpoint, checkmark }: Virtual): string | null {
  if (addressedBy(endpoint) === null) return 'a firewall mark has no address that a check could go to';
  return checkmark === null ? null : 'such a check has a mark of its own for each real server: leave checkmark out';
}
