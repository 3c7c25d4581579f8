/**
 * Cuts JSON into pieces while it comes: each object of one array by itself, and what is left around them. No piece is
 * larger than its bound, whatever the whole is, and none is parsed that has not come whole.
 */

export type Piece =
  /** An object of the array. */
  | { readonly type: 'element'; readonly text: string }
  /** A value has ended: the text of it, with the array left empty. */
  | { readonly type: 'rest'; readonly text: string };

export class TooLarge extends Error {}

const quote = 0x22;
const backslash = 0x5c;
const opening = { brace: 0x7b, bracket: 0x5b } as const;
const closing = { brace: 0x7d, bracket: 0x5d } as const;

export class Pieces {
  /** How many objects and arrays are around what stands in the array. */
  readonly #depth: number;
  readonly #bound: number;
  /** The ends of those that are open. */
  readonly #open: number[] = [];
  #isString = false;
  /** A backslash was the last byte of a string. */
  #isEscaped = false;
  readonly #element = new Gathered();
  readonly #rest = new Gathered();

  constructor(depth: number, bound: number) {
    this.#depth = depth;
    this.#bound = bound;
  }

  /** Throws a TooLarge, or a SyntaxError for what is no JSON. */
  *feed(chunk: Buffer): Generator<Piece, void> {
    let at = 0;
    let from = 0;
    while (at < chunk.length) {
      if (this.#isString) {
        at = this.#afterString(chunk, at);
        continue;
      }
      const byte = chunk[at] ?? 0;
      at += 1;
      if (byte === quote) {
        this.#isString = true;
      } else if (byte === opening.brace || byte === opening.bracket) {
        const isElement = byte === opening.brace && this.#isInArray;
        if (isElement) from = at - 1;
        this.#open.push(byte === opening.brace ? closing.brace : closing.bracket);
        // What stands between the elements is left out: commas and blanks.
        if (!isElement && this.#isInArray) this.#rest.add(chunk.subarray(from, at));
      } else if (byte === closing.brace || byte === closing.bracket) {
        if (this.#isInArray && byte === closing.bracket) from = at - 1;
        if (this.#open.pop() !== byte) throw new SyntaxError('no JSON');
        if (this.#isInArray) {
          this.#element.add(chunk.subarray(from, at));
          yield { type: 'element', text: this.#element.take() };
        } else if (this.#open.length === 0) {
          this.#rest.add(chunk.subarray(from, at));
          from = at;
          yield { type: 'rest', text: this.#rest.take() };
        }
      }
    }
    if (!this.#isInArray) (this.#isInElement ? this.#element : this.#rest).add(chunk.subarray(from));
    if (Math.max(this.#element.size, this.#rest.size) > this.#bound) throw new TooLarge();
  }

  /** Whether something has begun that has not ended. */
  get isWithin(): boolean {
    return this.#open.length > 0;
  }

  /** Directly in the array. */
  get #isInArray(): boolean {
    return this.#open.length === this.#depth && this.#open.at(-1) === closing.bracket;
  }

  get #isInElement(): boolean {
    return this.#open.length > this.#depth && this.#open[this.#depth - 1] === closing.bracket;
  }

  /** Where the string has ended, or the chunk. Most of what comes is in strings: the search is the buffer's own. */
  #afterString(chunk: Buffer, begin: number): number {
    let at = begin;
    if (this.#isEscaped) {
      this.#isEscaped = false;
      at += 1;
    }
    for (;;) {
      const end = chunk.indexOf(quote, at);
      const escaping = chunk.subarray(at, end === -1 ? undefined : end).indexOf(backslash);
      if (escaping === -1) {
        this.#isString = end === -1;
        return end === -1 ? chunk.length : end + 1;
      }
      at += escaping + 2;
      if (at > chunk.length) {
        this.#isEscaped = true;
        return chunk.length;
      }
    }
  }
}

const mostParts = 512;

/** Bytes that belong together and come one after another. */
class Gathered {
  #parts: Buffer[] = [];
  size = 0;

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.size += part.length;
    // Somebody may send byte by byte.
    if (this.#parts.length > mostParts) this.#parts = [Buffer.concat(this.#parts)];
  }

  take(): string {
    const [first] = this.#parts;
    const whole = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.size = 0;
    return whole.toString('utf8');
  }
}
