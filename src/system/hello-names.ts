/** Under which names this machine greets a mail server (RFC 5321, section 4.1.1.1). */

import net from 'node:net';

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** The last label is none of digits alone: that would be the end of an address. */
const domain = new RegExp(`^(?:${label}\\.)+(?=[a-z])${label}$`, 'i');

/**
 * One after the other, until the server takes one. Its own, where that is a whole name: servers refuse names without a
 * dot, and with an underscore. Then the address that it comes from, which stands for a name where there is none. Then
 * what the reference says, for servers that want no address.
 */
export function helloNames(hostname: string, address: string): readonly [string, ...string[]] {
  const own = domain.test(hostname) ? [hostname] : [];
  const bare = address.replace(/%.*$/, '');
  const literals: Readonly<Record<number, string>> = { 4: `[${bare}]`, 6: `[IPv6:${bare}]` };
  const literal = literals[net.isIP(bare)];
  const [first = localhost, ...others] = [...own, ...(literal === undefined ? [] : [literal]), localhost];
  return [first, ...others];
}

const localhost = 'localhost.localdomain';
