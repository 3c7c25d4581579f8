/** The bytes that a thread has read and not yet written: of all its connections together so many at most. */

const bound = 32 * 1024 * 1024;

export class Holding {
  #bytes = 0;

  /** Without room, what a peer sends stays with the kernel until the other one takes it. */
  get hasRoom(): boolean {
    return this.#bytes < bound;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }
}
