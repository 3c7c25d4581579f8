/**
 * The balancer's threads, in which the kernel watches no further socket for as long as it is told so: ENOSPC of
 * epoll_ctl(2). Each says when the kernel has watched its first.
 */

import { constants } from 'node:os';
import { BroadcastChannel, type MessagePort, receiveMessageOnPort, threadId, workerData } from 'node:worker_threads';
import koffi from 'koffi';
import { Epoll } from '../../src/system/epoll.js';
import { systemError } from '../../src/system/libc.js';

/** What is said there is whether there is no room. */
export const epollChannel = 'test: nothing is watched any more';
/** Who says so there gives its number. */
export const begunChannel = 'test: a first socket is watched';

if (workerData !== null) {
  const said = new BroadcastChannel(epollChannel) as unknown as MessagePort;
  said.unref();
  let isFull = false;
  let hasBegun = false;
  const { add } = Epoll.prototype;
  Epoll.prototype.add = function (this: Epoll, ...watching) {
    for (;;) {
      // It takes a channel as well, says the manual.
      const received = receiveMessageOnPort(said) as { readonly message: boolean } | undefined;
      if (received === undefined) break;
      isFull = received.message;
    }
    if (isFull) {
      koffi.errno(constants.errno.ENOSPC);
      throw systemError('epoll_ctl', 'full');
    }
    add.apply(this, watching);
    if (hasBegun) return;
    hasBegun = true;
    const begun = new BroadcastChannel(begunChannel);
    begun.postMessage(threadId);
    begun.close();
  };
  // Serves as soon as it is there.
  await import('../../src/ipvs/userspace/balancer-thread.js');
}
