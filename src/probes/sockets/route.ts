/** The mark and the source address of a check's sockets. */

import { endianness } from 'node:os';
import { bind, errorCode, setsockopt } from '../../system/libc.js';
import { errorOf, failureBy, Hindrance } from '../failure.js';
import type { Route } from '../probe.js';
import { SocketAddress } from './socket-address.js';
import { sourceTowards } from './source-address.js';

/** Of socket(7) and ip(7). */
const levelSocket = 1;
const optionMark = 36;
const levelIp = 0;
const optionAddressOnly = 24;

const from = new SocketAddress();

export function isRouted({ mark, source, towards }: Route): boolean {
  return mark !== null || source !== null || towards !== null;
}

/** To be called before the socket is connected to `address`. Throws a ProbeFailure. */
export function takeRoute(descriptor: number, { mark, source, towards }: Route, address: string): void {
  const marking = towards === null ? 'checkmark' : 'checkpath=forwarded';
  if (mark !== null && setsockopt(descriptor, levelSocket, optionMark, native(mark), 4) < 0) {
    const code = errorCode();
    if (code === 'EPERM') throw new Hindrance('connect', `${marking} needs the capability CAP_NET_ADMIN (EPERM)`);
    throw failureBy('connect', errorOf(code), marking);
  }
  if (source !== null) bindTo(descriptor, source, `checksource ${source}`);
  else if (towards !== null) bindTo(descriptor, sourceOnPath(towards, address), marking);
}

function bindTo(descriptor: number, source: string, words: string): void {
  // The port is chosen with the server's, so that there are as many for each server; older kernels choose it now.
  setsockopt(descriptor, levelIp, optionAddressOnly, native(1), 4);
  if (!from.write(source, 0)) throw new Hindrance('connect', `${words} is no address of this machine`);
  if (bind(descriptor, from.bytes, from.size) < 0) {
    const code = errorCode();
    if (code !== 'EADDRNOTAVAIL') throw failureBy('connect', errorOf(code), words);
    throw new Hindrance('connect', `${words}: is no address of this machine (${code})`);
  }
}

/** Of a packet to the address of a virtual service that is forwarded to this server. */
function sourceOnPath(towards: string, address: string): string {
  let source: string | null;
  try {
    source = sourceTowards(towards);
  } catch (error) {
    throw failureBy('connect', error, `on the way to ${towards}`);
  }
  if (source === null) throw new Hindrance('connect', `${towards} is no address`);
  if (source !== address) return source;
  // The server has it too and would take the packets for its own.
  const why = `packets to ${towards} come from ${source} itself: set checksource to another address of this machine`;
  throw new Hindrance('connect', why);
}

/** An int. */
function native(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  if (endianness() === 'LE') bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}
