/** UDP peers on loopback that answer bytes with bytes. */

import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface DatagramPeer {
  readonly port: number;
  /** Requests that have come. */
  requests(): number;
  close(): Promise<void>;
}

/** Answers to one request: none, one or many. */
export type Answers = readonly Buffer[];

export async function startDatagramPeer(
  answer: (request: Buffer, from: RemoteInfo) => Answers = () => [],
): Promise<DatagramPeer> {
  const socket = createSocket('udp4');
  let requests = 0;
  socket.on('error', () => {});
  socket.on('message', (request, from) => {
    requests += 1;
    for (const bytes of answer(request, from)) socket.send(bytes, from.port, from.address);
  });
  socket.bind({ address: '127.0.0.1', port: 0, exclusive: true });
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    requests: () => requests,
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** Whether somebody listens to this UDP port: how a server over UDP shows that it is there. */
export async function listensUdp({ port }: { readonly port: number }): Promise<boolean> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  // proc(5): the second column is the local address in hex.
  return ['/proc/net/udp', '/proc/net/udp6'].some((table) =>
    readFileSync(table, 'latin1')
      .split('\n')
      .some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix) === true),
  );
}
