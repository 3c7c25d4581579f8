/** By what name TLS knows a server. */

import { isIP } from 'node:net';

/**
 * The name, or the address without its brackets, in a Host header, which the certificate must have; null where there is
 * none. A dot at the end, which makes a name complete, stands neither in certificates nor in what the server is asked for
 * (RFC 6066, section 3).
 */
export function tlsNameOf(host: string): string | null {
  if (isIP(host) !== 0) return host;
  const name = host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.replace(/\.$/, '') || null;
}

/** What the server is asked for (SNI), which takes no addresses; empty is nothing. */
export function sniOf(name: string | null): string {
  return name === null || isIP(name) !== 0 ? '' : name;
}
