/** A worker like the product's, in which whoever connects to the port of a stubborn server hangs the thread, or ends it. */

import { workerData } from 'node:worker_threads';
import { TcpSocket } from '../../src/probes/sockets/tcp-socket.js';
import '../../src/checks/worker-thread.js';

/** Below the ports that the kernel chooses for the servers of tests. */
export const stubbornPorts = { hangs: 7, ends: 9 } as const;

if (workerData !== null) {
  const open = TcpSocket.open;
  TcpSocket.open = (endpoint, sequel) => {
    if (endpoint.port === stubbornPorts.hangs) for (;;);
    if (endpoint.port === stubbornPorts.ends) process.nextTick(assertNothing);
    return open(endpoint, sequel);
  };
}

function assertNothing(): never {
  throw new Error('a defect of a library');
}
