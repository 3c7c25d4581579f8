/** Takes a TCP service's connections and hands each to the destination that the pool chooses. */

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { boundSocket } from './bound-socket.js';
import type { AddressedService, Listener } from './listener.js';
import { type Forwarding, forward } from './tcp-connection.js';

/** Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn. */
const BACKLOG = 4096;

/** Rejects with the system's error. Nothing here waits on a peer or a resolver: the address is a literal one. */
export async function listenTcp(service: AddressedService, forwarding: Forwarding): Promise<Listener> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  // A failed accept (no file descriptor left) costs that connection alone; unheard it would end the process.
  server.on('error', () => {});
  server.maxConnections = forwarding.limits.maxConnections;
  server.on('connection', (client) => accept(client, forwarding));
  const listening = once(server, 'listening');
  server.listen({ fd: boundSocket(service, 'stream') }, BACKLOG);
  await listening;
  return { close: () => close(server) };
}

function accept(client: Socket, forwarding: Forwarding): void {
  const { remoteAddress, remotePort } = client;
  // Gone before it was accepted.
  if (remoteAddress === undefined || remotePort === undefined) client.destroy();
  else forward(client, { address: remoteAddress, port: remotePort }, forwarding);
}

/** Waits for the connections too: to be called when each is being reset, which waits on nobody. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}
