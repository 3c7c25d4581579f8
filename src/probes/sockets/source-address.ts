/** The address that this machine has on the way to another one. */

import { close, closeOnExec, connect, getsockname, nonBlocking, socket, systemError } from '../../system/libc.js';
import { addressSizes, addressText, families } from './host-address.js';
import { SocketAddress } from './socket-address.js';

/** Of socket(2). */
const typeDatagram = 2;

const far = new SocketAddress();
const near = new Uint8Array(Math.max(...Object.values(addressSizes)));
const nearView = new DataView(near.buffer);
const nearSize = new Uint32Array(1);
/** Any: a socket of datagrams connects without a packet. */
const port = 9;

/** Null where the text is no literal address. Throws a system error where no way leads there. */
export function sourceTowards(address: string): string | null {
  if (!far.write(address, port)) return null;
  const descriptor = socket(far.family, typeDatagram | nonBlocking | closeOnExec, 0);
  if (descriptor < 0) throw systemError('socket', 'udp');
  try {
    nearSize[0] = near.length;
    if (connect(descriptor, far.bytes, far.size) < 0) throw systemError('connect', 'udp');
    if (getsockname(descriptor, near, nearSize) < 0) throw systemError('getsockname', 'udp');
    return addressText(far.family === families[4] ? 4 : 6, nearView);
  } finally {
    close(descriptor);
  }
}
