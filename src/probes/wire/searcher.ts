/** A thread that looks for expressions in texts for another one, which waits for it, and ends it where that takes too long. */

import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type SearcherData, type SearchRequest, states } from './search-thread.js';

function serve({ control, port }: SearcherData): void {
  for (;;) {
    Atomics.store(control, 0, states.idle);
    Atomics.notify(control, 0);
    Atomics.wait(control, 0, states.idle);
    const received: { readonly message: SearchRequest } | undefined = receiveMessageOnPort(port);
    // What an earlier search found must never be taken for an answer; one that is silent is given up.
    if (received === undefined) throw new Error('woken with nothing to search');
    const { regex, text } = received.message;
    Atomics.store(control, 1, text.search(regex) >= 0 ? 1 : 0);
  }
}

serve(workerData as SearcherData);
