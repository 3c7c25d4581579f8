/** The bytes that a thread has read and not yet written: of all connections of all threads together so many at most. */

const bound = 32 * 1024 * 1024;

export class Holding {
  readonly #share: number;
  #bytes = 0;

  constructor(threads: number) {
    this.#share = bound / threads;
  }

  /** Without room, what a peer sends stays with the kernel until the other one takes it. */
  get hasRoom(): boolean {
    return this.#bytes < this.#share;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }
}
