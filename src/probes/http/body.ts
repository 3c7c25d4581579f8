/** The body of a response as it comes: kept where something is to be looked for in it, and otherwise counted. */

import { Hindrance } from '../failure.js';
import type { HttpRequest } from './http-message.js';

/** Bytes of all bodies of this thread that are being read: what thousands of slow servers send must not fill the memory. */
const roomBound = 128 * 1024 * 1024;
/** Bytes that are taken. */
let taken = 0;

const nothing = Buffer.alloc(0);

/** Whoever makes one releases it. */
export class Body {
  readonly #isKept: boolean;
  #kept: Buffer = nothing;
  #isReleased = false;
  /** Bytes that have come. */
  size = 0;

  constructor({ keepsBody }: Pick<HttpRequest, 'keepsBody'>) {
    this.#isKept = keepsBody;
  }

  /** What was kept. */
  get bytes(): Buffer {
    return this.#isKept && this.size < this.#kept.length ? this.#kept.subarray(0, this.size) : this.#kept;
  }

  /**
   * Takes a part of what has come; its memory can be used anew afterwards. The limit can be far, and what a server
   * announces is not always what it sends: room is made as it comes. Throws a Hindrance where there is none.
   */
  add(bytes: Buffer, start = 0, length = bytes.length - start): void {
    if (this.#isReleased) return;
    const size = this.size + length;
    if (this.#isKept) {
      if (size > this.#kept.length) this.#grow(size);
      bytes.copy(this.#kept, this.size, start, start + length);
    }
    this.size = size;
  }

  /** Its bytes stay for as long as somebody holds them, but count no more; what still comes is passed over. */
  release(): void {
    this.#isReleased = true;
    taken -= this.#kept.length;
    this.#kept = nothing;
  }

  #grow(size: number): void {
    const before = this.#kept.length;
    const roomier = this.size === 0 ? size : Math.max(size, 2 * before);
    // One alone may be as long as its check allows.
    if (taken - before + roomier > roomBound && taken > before) {
      throw new Hindrance('response body', `all bodies under way are longer than ${roomBound} bytes`);
    }
    const grown = Buffer.allocUnsafe(roomier);
    this.#kept.copy(grown, 0, 0, this.size);
    this.#kept = grown;
    taken += roomier - before;
  }
}
