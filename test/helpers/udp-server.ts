/** Real UDP servers and clients on loopback. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { within } from './deadline.js';

export interface UdpPeer {
  readonly address: string;
  readonly port: number;
  readonly socket: Socket;
  /** The text of the next datagram, in order of arrival. */
  receive(): Promise<string>;
  /** Whether a datagram has arrived that was not asked for yet. */
  readonly waiting: boolean;
  close(): Promise<void>;
}

/** Binds a socket to a port of its own; `serve` gets each datagram, and what it returns is sent back. */
export async function startUdpPeer(
  address = '127.0.0.1',
  serve: (text: string, from: RemoteInfo) => string | null = () => null,
): Promise<UdpPeer> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  const arrived: string[] = [];
  socket.on('error', () => {});
  socket.on('message', (message, from) => {
    arrived.push(message.toString());
    const reply = serve(message.toString(), from);
    if (reply !== null) socket.send(reply, from.port, from.address);
  });
  socket.bind({ address, port: 0, exclusive: true });
  await once(socket, 'listening');
  const receive = async () => {
    for (;;) {
      const next = arrived.shift();
      if (next !== undefined) return next;
      await within('a datagram', once(socket, 'message'));
    }
  };
  const close = async () => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  };
  return {
    address,
    port: socket.address().port,
    socket,
    receive,
    get waiting() {
      return arrived.length > 0;
    },
    close,
  };
}
