/** Servers whose process has been stopped: the kernel accepts for them, and nobody answers. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';

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
