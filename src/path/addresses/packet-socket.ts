/** Sends packets out of a device as they are: packet(7). Takes CAP_NET_RAW. */

import { close, closeOnExec, nonBlocking, sendto, socket, systemError } from '../../system/libc.js';
import { linkAddress, packetFamily } from '../../system/link-address.js';
import type { Frame } from './frames.js';

/** Of socket(2). */
const typeDatagram = 2;

export interface PacketSocket {
  /** Throws the system's error. Never waits: a queue that is full is an error, too. */
  send(index: number, frame: Frame): void;
  close(): void;
}

/** Throws the system's error. */
export function openPacketSocket(): PacketSocket {
  // Of no protocol, so that it receives nothing.
  const descriptor = socket(packetFamily, typeDatagram | nonBlocking | closeOnExec, 0);
  if (descriptor < 0) throw systemError('socket', 'packet');
  return {
    send: (index, { protocol, destination, payload }) => {
      const to = linkAddress(index, protocol, destination);
      if (sendto(descriptor, payload, payload.length, 0, to, to.length) < 0) throw systemError('sendto', 'packet');
    },
    close: () => void close(descriptor),
  };
}
