/** Where in the messages of a PostgreSQL server one is: what a library makes of them shows only when each is whole. */

/** A letter, and a length that counts itself; PostgreSQL manual, chapter "Message Formats". */
const headLength = 5;
const dataRow = 'D'.charCodeAt(0);

export class PgsqlMessages {
  readonly #head = Buffer.alloc(headLength);
  /** How much of the head is there, and how much of what follows it is to come. */
  #read = 0;
  #left = 0;

  /** Whether a row has begun and goes on. */
  get isInRow(): boolean {
    return this.#left > 0 && this.#head[0] === dataRow;
  }

  follow(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at);
        this.#left -= passed;
        at += passed;
        continue;
      }
      const copied = bytes.copy(this.#head, this.#read, at);
      this.#read += copied;
      at += copied;
      if (this.#read < headLength) return;
      this.#read = 0;
      this.#left = Math.max(0, this.#head.readUInt32BE(1) - 4);
    }
  }
}
