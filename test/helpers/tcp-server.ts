/** Real TCP servers on loopback. */

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

export interface TcpServer {
  readonly address: string;
  readonly port: number;
  /** The connections that stand. */
  readonly sockets: ReadonlySet<Socket>;
  /** Closes what stands and stops listening. */
  close(): Promise<void>;
}

/** Starts a server at a port of its own; `serve` gets each connection, which may be half open. */
export async function startTcpServer(serve: (socket: Socket) => void, address = '127.0.0.1'): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen({ port: 0, host: address, exclusive: true });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port');
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { address, port: bound.port, sockets, close };
}

/** Says a name as a line of its own, then sends back what it gets, and ends when the client does. */
export function greet(name: string): (socket: Socket) => void {
  return (socket) => {
    socket.write(`${name}\n`);
    socket.pipe(socket);
  };
}
