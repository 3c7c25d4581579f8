/** A connection that is opened when it is first needed, shared by all who need it, and opened anew where it is lost. */

import { overFault } from '../faults.js';
import type { ShellFault } from '../shell.js';
import type { Connection } from './connection.js';
import { isFault } from './host.js';

export class Line {
  readonly #where: string;
  readonly #open: (signal: AbortSignal) => Promise<Connection | ShellFault>;
  readonly #stop = new AbortController();
  #current: Promise<Connection | ShellFault> | null = null;

  constructor(where: string, open: (signal: AbortSignal) => Promise<Connection | ShellFault>) {
    this.#where = where;
    this.#open = open;
  }

  /** Until the signal aborts: the connection goes on being opened then, for the next who needs it. Never rejects. */
  get(signal: AbortSignal): Promise<Connection | ShellFault> {
    const current = this.#currentOne();
    return new Promise((resolve) => {
      const settle = (outcome: Connection | ShellFault): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      // Whoever has aborted knows why.
      const onAbort = (): void => settle(this.#closedFault());
      signal.addEventListener('abort', onAbort);
      void current.then(settle);
      if (signal.aborted) onAbort();
    });
  }

  /** Ends what stands. The next who needs a connection gets another one. */
  async drop(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    const connection = await current;
    if (connection === null || isFault(connection)) return;
    connection.end();
    await connection.closed;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.drop();
  }

  #currentOne(): Promise<Connection | ShellFault> {
    if (this.#stop.signal.aborted) return Promise.resolve(this.#closedFault());
    if (this.#current !== null) return this.#current;
    const current = this.#open(this.#stop.signal);
    const forget = (): void => {
      if (this.#current === current) this.#current = null;
    };
    this.#current = current;
    void current.then((outcome) => (isFault(outcome) ? forget() : outcome.closed.then(forget)));
    return current;
  }

  #closedFault(): ShellFault {
    return overFault(this.#where, 'connect', { code: 'aborted' });
  }
}
