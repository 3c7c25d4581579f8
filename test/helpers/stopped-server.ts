/** Servers whose process has been stopped: the kernel accepts for them, or with a full queue does not even that. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface StoppedServer {
  readonly port: number;
  close(): Promise<void>;
}

const program = `
  const server = require('node:net').createServer();
  server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => process.stdout.write(server.address().port + '\\n'));
`;

/** A server that does nothing any more, as one that swaps or hangs in the kernel. */
export async function stoppedServer(): Promise<StoppedServer> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  return {
    port: Number(line),
    async close() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
      child.stdout.destroy();
    },
  };
}

/** A port that answers no SYN: the server is stopped and its queue full. */
export async function blackHole(): Promise<StoppedServer> {
  const server = await stoppedServer();
  const sockets: net.Socket[] = [];
  try {
    while (await fills(server.port, sockets)) {
      if (sockets.length > 64) {
        throw new Error('the queue of the stopped server does not fill');
      }
    }
  } catch (error) {
    await release(server, sockets);
    throw error;
  }
  return { port: server.port, close: () => release(server, sockets) };
}

/** Whether one more connection is still accepted. The one that hangs is given up. */
async function fills(port: number, sockets: net.Socket[]): Promise<boolean> {
  const socket = net.connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  sockets.push(socket);
  return await Promise.race([once(socket, 'connect').then(() => true), sleep(500).then(() => false)]);
}

async function release(server: StoppedServer, sockets: readonly net.Socket[]): Promise<void> {
  for (const socket of sockets) {
    socket.destroy();
  }
  await server.close();
}
