/**
 * The balancer's threads, of which those that carry connections say so, each connection once, and end, hang or
 * fill their heap as they begin the next one where they are told to.
 */

import { BroadcastChannel, type MessagePort, receiveMessageOnPort, threadId, workerData } from 'node:worker_threads';
import type { Beginning } from '../../src/ipvs/userspace/messages.js';
import { TcpConnection } from '../../src/ipvs/userspace/tcp-connection.js';
import { exhaustHeap } from './exhausted-heap.js';

export const carriedChannel = 'test: a connection is carried';
export const faultChannel = 'test: carriers fail';
export interface Fault {
  /** Of the thread. */
  readonly id: number;
  readonly fault: 'ends' | 'hangs' | 'fills its heap';
}

if (workerData !== null) {
  const { work } = workerData as Beginning;
  if ('carries' in work) {
    const carried = new BroadcastChannel(carriedChannel);
    // It takes one as well, says the manual.
    const faults = new BroadcastChannel(faultChannel);
    // The thread ends though somebody could still say something.
    for (const channel of [carried, faults]) (channel as unknown as MessagePort).unref();
    const { begin } = TcpConnection.prototype;
    TcpConnection.prototype.begin = function (this: TcpConnection, ...beginning) {
      const received = receiveMessageOnPort(faults as unknown as MessagePort) as
        | { readonly message: Fault }
        | undefined;
      if (received?.message.id === threadId) {
        if (received.message.fault === 'hangs') for (;;);
        if (received.message.fault === 'fills its heap') exhaustHeap();
        throw new Error('a defect');
      }
      carried.postMessage(threadId);
      begin.apply(this, beginning);
    };
  }
  // Serves as soon as it is there.
  await import('../../src/ipvs/userspace/balancer-thread.js');
}
