/** Servers that pass on to another one. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import type { Started } from './case.js';

export interface Behind {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts what is behind and what is before it; they end together. */
export async function inFrontOf(
  starting: Promise<Behind>,
  start: (behind: number) => Promise<ServerProgram>,
): Promise<Started> {
  const behind = await starting;
  try {
    const server = await start(behind.port);
    const close = async (): Promise<void> => {
      await server.close();
      await behind.close();
    };
    return { ...server, behind: behind.port, close };
  } catch (error) {
    await behind.close();
    throw error;
  }
}

/** A web server in this process: a page everywhere, and 500 at /broken. */
export async function startPage(page: string): Promise<Behind> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/broken' ? 500 : 200;
    response.end(page);
  });
  // A connection that the proxy keeps is nothing that a check has left over.
  server.on('connection', (socket) => socket.unref());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
