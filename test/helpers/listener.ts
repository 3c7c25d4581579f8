/** Real TCP listeners on loopback whose every connection is handled by a function. */

import { once } from 'node:events';
import type http from 'node:http';
import type https from 'node:https';
import net from 'node:net';

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** Connections that stand now. */
  connections(): number;
  /** Connections that there have been. */
  accepted(): number;
  /** Drops every connection and stops. */
  close(): Promise<void>;
}

export type Behaviour = (socket: net.Socket) => void;

/** Listens on a free port. Errors of connections are swallowed: a probe may reset at any time. */
export async function listen(behave: Behaviour, address = '127.0.0.1', port = 0): Promise<Listener> {
  const sockets = new Set<net.Socket>();
  let accepted = 0;
  const server = net.createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    behave(socket);
    // Unread, the end of a connection would go unnoticed.
    socket.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') {
    throw new Error('a TCP listener has an address and a port');
  }
  return {
    address,
    port: bound.port,
    connections: () => sockets.size,
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}

/** Has a server of any kind listen at a free port of loopback for as long as the test runs; gives the port. */
export async function listening(
  context: { after(release: () => void): void },
  server: net.Server | http.Server | https.Server,
): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', exclusive: true });
  await once(server, 'listening');
  context.after(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a server has an address and a port');
  return bound.port;
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const listener = await listen(() => {});
  await listener.close();
  return listener.port;
}

/** Calls `write` as often as the peer takes it, until the connection ends. */
export function flood(socket: net.Socket, write: () => boolean): void {
  const pump = () => {
    // A bound for each turn of the loop, so that the probe in the same process gets its share.
    for (let n = 0; n < 16 && !socket.destroyed; n += 1) {
      if (!write()) {
        socket.once('drain', pump);
        return;
      }
    }
    if (!socket.destroyed) {
      setImmediate(pump);
    }
  };
  pump();
}

/** Calls `write` every so many milliseconds until the connection ends. */
export function drip(socket: net.Socket, milliseconds: number, write: () => void): void {
  const timer = setInterval(() => {
    if (!socket.destroyed) {
      write();
    }
  }, milliseconds);
  socket.on('close', () => clearInterval(timer));
}
