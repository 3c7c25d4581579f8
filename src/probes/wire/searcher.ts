/** A thread that looks for expressions in texts for another one, which waits for it, and ends it where that takes too long. */

import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type SearcherData, type SearchRequest, states } from './search-thread.js';

function serve({ control, port }: SearcherData): void {
  for (;;) {
    Atomics.store(control, 0, states.idle);
    Atomics.notify(control, 0);
    Atomics.wait(control, 0, states.idle);
    const { message } = (receiveMessageOnPort(port) ?? { message: null }) as { message: SearchRequest | null };
    if (message !== null) Atomics.store(control, 1, message.text.search(message.regex) >= 0 ? 1 : 0);
  }
}

serve(workerData as SearcherData);
