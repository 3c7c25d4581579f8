/** Real TLS listeners on loopback whose every connection is handled by a function. */

import { once } from 'node:events';
import type net from 'node:net';
import tls from 'node:tls';
import { testCertificate } from './certificate.js';
import type { Behaviour, Listener } from './listener.js';

export interface SecuredListener extends Listener {
  /** To replace its certificate, or to have it take no more connections while those that stand go on. */
  readonly secured: tls.Server;
}

/** Listens on a free port. Errors of connections are swallowed: a probe may reset at any time. */
export async function listenSecured(
  behave: Behaviour,
  settings: tls.TlsOptions = testCertificate(),
): Promise<SecuredListener> {
  const sockets = new Set<net.Socket>();
  const below = new Map<number | undefined, net.Socket>();
  let accepted = 0;
  const secured = tls.createServer(settings, (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    // Node can reset only what is below.
    const plain = below.get(socket.remotePort);
    socket.resetAndDestroy = () => {
      plain?.resetAndDestroy();
      return socket;
    };
    behave(socket);
    // Unread, the end of a connection would go unnoticed.
    socket.resume();
  });
  secured.on('tlsClientError', () => {}).on('connection', (plain: net.Socket) => below.set(plain.remotePort, plain));
  secured.listen(0, '127.0.0.1');
  await once(secured, 'listening');
  const bound = secured.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP listener has an address and a port');
  return {
    secured,
    address: bound.address,
    port: bound.port,
    connections: () => sockets.size,
    accepted: () => accepted,
    close: () =>
      new Promise((resolve) => {
        secured.close(() => resolve());
        for (const socket of below.values()) socket.destroy();
      }),
  };
}
