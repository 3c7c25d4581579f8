/** What a process leaves behind that was killed while it listened. */

import { once } from 'node:events';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';

/** A socket that nobody listens at: its listener believes it to be elsewhere. */
export async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.before`);
  await once(server, 'listening');
  await rename(`${path}.before`, path);
  server.close();
  await once(server, 'close');
}
