/** The mark and the source address of a check's sockets. */

import { endianness } from 'node:os';
import { bind, errorCode, setsockopt } from '../../system/libc.js';
import { errorOf, failureBy, Hindrance } from '../failure.js';
import type { Route } from '../probe.js';
import { SocketAddress } from './socket-address.js';

/** Of socket(7) and ip(7). */
const levelSocket = 1;
const optionMark = 36;
const levelIp = 0;
const optionAddressOnly = 24;

const from = new SocketAddress();

export function isRouted({ mark, source }: Route): boolean {
  return mark !== null || source !== null;
}

/** To be called before the socket is connected. Throws a ProbeFailure. */
export function takeRoute(descriptor: number, { mark, source }: Route): void {
  if (mark !== null && setsockopt(descriptor, levelSocket, optionMark, native(mark), 4) < 0) {
    const code = errorCode();
    if (code === 'EPERM') throw new Hindrance('connect', 'checkmark needs the capability CAP_NET_ADMIN (EPERM)');
    throw failureBy('connect', errorOf(code), 'checkmark');
  }
  if (source === null) return;
  // The port is chosen with the server's, so that there are as many for each server; older kernels choose it now.
  setsockopt(descriptor, levelIp, optionAddressOnly, native(1), 4);
  if (!from.write(source, 0)) throw new Hindrance('connect', `checksource ${source} is no address of this machine`);
  if (bind(descriptor, from.bytes, from.size) < 0) {
    const code = errorCode();
    if (code !== 'EADDRNOTAVAIL') throw failureBy('connect', errorOf(code), `checksource ${source}`);
    throw new Hindrance('connect', `checksource ${source}: is no address of this machine (${code})`);
  }
}

/** An int. */
function native(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  if (endianness() === 'LE') bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}
