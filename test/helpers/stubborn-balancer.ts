/** The balancer's thread, in which who connects from one address ends it, from another hangs it, or fills its heap. */

import { workerData } from 'node:worker_threads';
import { DestinationPool } from '../../src/ipvs/userspace/pool.js';
import { exhaustHeap } from './exhausted-heap.js';

export const stubbornClients = { ends: '127.0.0.66', hangs: '127.0.0.67', 'fills its heap': '127.0.0.68' } as const;

if (workerData !== null) {
  const { choose } = DestinationPool.prototype;
  DestinationPool.prototype.choose = function (this: DestinationPool, client) {
    if (client.address === stubbornClients.hangs) for (;;);
    if (client.address === stubbornClients.ends) throw new Error('a defect');
    if (client.address === stubbornClients['fills its heap']) exhaustHeap();
    return choose.call(this, client);
  };
  // Serves as soon as it is there.
  await import('../../src/ipvs/userspace/balancer-thread.js');
}
