/** A way to a TCP server on loopback that is slow, swallows everything, breaks off or goes away. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface TroubledWay {
  readonly port: number;
  /** Milliseconds that every packet to the server takes. */
  delay: number;
  /** Whether what is sent, either way, arrives nowhere. */
  swallows: boolean;
  /** Connections that have been made. */
  readonly made: number;
  /** Bytes that have come from the server. */
  readonly received: number;
  /** Nothing arrives any more of what is sent over those of which the client has said this. */
  mute(said: string): void;
  /** Breaks off all that stand. */
  breakOff(): void;
  close(): Promise<void>;
}

export async function startTroubledWay(to: number): Promise<TroubledWay> {
  const open = new Set<Socket>();
  const muted = new WeakSet<Socket>();
  /** The beginnings of what clients say. */
  const said = new Map<Socket, string>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
  };
  const way = { delay: 0, swallows: false, made: 0, received: 0 };
  const server = createServer((client) => {
    way.made += 1;
    keep(client);
    const there = connect(to, '127.0.0.1');
    keep(there);
    let due = 0;
    // No connection goes on behind a hole in what it carries.
    const isLost = (): boolean => {
      if (way.swallows) muted.add(client);
      return muted.has(client);
    };
    client.on('close', () => said.delete(client));
    client.on('data', (data) => {
      said.set(client, `${said.get(client) ?? ''}${data.toString('latin1')}`.slice(0, 65_536));
      if (isLost()) return;
      // What is under way is not overtaken.
      const now = performance.now();
      due = Math.max(due, now + way.delay);
      if (due <= now) there.write(data);
      else setTimeout(() => void (there.destroyed || there.write(data)), due - now);
    });
    there.on('data', (data) => {
      way.received += data.length;
      if (!isLost()) client.write(data);
    });
    client.on('close', () => there.destroy());
    there.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a way has a port');
  const breakOff = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return Object.assign(way, {
    port: address.port,
    mute(word: string) {
      for (const [socket, text] of said) if (text.includes(word)) muted.add(socket);
    },
    breakOff,
    async close() {
      const closed = once(server, 'close');
      server.close();
      // A reset amid its end leaves Node 20 waiting for it for ever as the process ends.
      for (const socket of open) socket.destroy();
      await closed;
    },
  });
}
