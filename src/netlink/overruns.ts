/** Whether a socket that listens has missed something: the kernel drops what its queue has no room for, and counts it. */

import { dropsOf } from './options.js';

/** Milliseconds for which messages gather before the count is looked at. */
const gathering = 50;

export class Overruns {
  readonly #protocol: number;
  readonly #port: number;
  readonly #onOverrun: () => void;
  #drops = 0;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(protocol: number, port: number, onOverrun: () => void) {
    this.#protocol = protocol;
    this.#port = port;
    this.#onOverrun = onOverrun;
  }

  /** A message has come: a queue that was full had messages in it. */
  note(): void {
    if (this.#timer !== null || this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#look(), gathering).unref();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    // What comes while the count is read is looked at once more.
    this.#timer = null;
    const drops = await dropsOf(this.#protocol, this.#port);
    if (this.#isClosed || drops === null || drops === this.#drops) return;
    this.#drops = drops;
    this.#onOverrun();
  }
}
