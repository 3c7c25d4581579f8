/** The thread of a server that resets its first connection, so that a thread which waits for that sees it afterwards. */

import { type AddressInfo, createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

export interface ResettingServer {
  readonly port: number;
  /** Notified, and 1, when the connection is reset. */
  readonly done: Int32Array;
}

const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function reset(socket: Socket): void {
  socket.once('close', () => {
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
  });
  socket.resetAndDestroy();
}

const server = createServer((socket) => {
  socket.on('error', () => {});
  if (workerData.says) socket.write(workerData.says, () => reset(socket));
  else if (workerData.closes === true) socket.end(() => reset(socket));
  else reset(socket);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  parentPort?.postMessage({ port, done } satisfies ResettingServer);
});
