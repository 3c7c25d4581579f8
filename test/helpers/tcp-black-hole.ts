/** An address that neither accepts nor refuses: connecting to it hangs. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

/** Listens with the shortest of queues and never looks at it again. */
const worker = `
  const { parentPort, workerData: host } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host, backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

export interface BlackHole {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** With the host `0.0.0.0` every address of loopback is one at this port. */
export async function startTcpBlackHole(host = '127.0.0.1'): Promise<BlackHole> {
  const thread = new Worker(worker, { eval: true, workerData: host });
  const [port]: number[] = await once(thread, 'message');
  if (port === undefined) throw new Error('the black hole has a port');
  // The kernel takes connections until the queue is full, and from then on drops whoever knocks.
  const fillers = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
  const close = async () => {
    for (const filler of fillers) filler.destroy();
    await thread.terminate();
  };
  return { address: '127.0.0.1', port, close };
}
