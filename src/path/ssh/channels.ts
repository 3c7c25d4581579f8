/** Channels of a connection: each is had, or known not to be had, before whoever asked has gone. */

import type ssh2 from 'ssh2';
import { overFault } from '../faults.js';
import type { ShellFault } from '../shell.js';

type Done = (error: Error | undefined, channel: ssh2.ClientChannel) => void;

export class Channels {
  readonly #closed: Promise<void>;
  readonly #explain: (error: Error | null) => ShellFault | Error;

  /** The server has not refused what was wanted where there is no connection any more: then it is explained by a fault. */
  constructor(closed: Promise<void>, explain: (error: Error | null) => ShellFault | Error) {
    this.#closed = closed;
    this.#explain = explain;
  }

  /** An Error is the server's refusal. Never rejects. */
  open(start: (done: Done) => void, signal: AbortSignal): Promise<ssh2.ClientChannel | ShellFault | Error> {
    return new Promise((resolve) => {
      let isOver = false;
      const settle = (outcome: ssh2.ClientChannel | ShellFault | Error): void => {
        isOver = true;
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      // Whoever has aborted knows why.
      const onAbort = (): void => settle(overFault('', 'begin of a session', { code: 'aborted' }));
      signal.addEventListener('abort', onAbort);
      void this.#closed.then(() => settle(this.#explain(null)));
      if (signal.aborted) return onAbort();
      try {
        start((error, channel) => {
          if (error) settle(this.#explain(error));
          else if (isOver) channel.destroy();
          else settle(channel);
        });
      } catch {
        // The package throws where the connection has ended since the last that was heard of it.
        settle(this.#explain(null));
      }
    });
  }
}
