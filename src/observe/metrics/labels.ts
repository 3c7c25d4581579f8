/** Labels of very many objects, kept as the bytes that they are in every sample: each stands in thirty of them. */

const [firstBytes, firstEnds] = [4_096, 64];

export class Labels implements Iterable<string> {
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes);
  /** Behind the last byte of each. */
  #ends = new Uint32Array(firstEnds);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** All of them, one behind the other. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  start(place: number): number {
    return place === 0 ? 0 : (this.#ends[place - 1] ?? 0);
  }

  end(place: number): number {
    return this.#ends[place] ?? 0;
  }

  /** As `labelText` makes them; gives their place. */
  add(text: string): number {
    const [place, start] = [this.#size, this.start(this.#size)];
    // A character is three bytes at most, or half of four.
    this.#reach(place, start + text.length * 3);
    this.#ends[place] = start + this.#bytes.write(text, start);
    this.#size += 1;
    return place;
  }

  *[Symbol.iterator](): Generator<string> {
    for (let place = 0; place < this.#size; place += 1) {
      yield this.#bytes.toString('utf8', this.start(place), this.end(place));
    }
  }

  #reach(place: number, length: number): void {
    if (length > this.#bytes.length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(bytes);
      this.#bytes = bytes;
    }
    if (place < this.#ends.length) return;
    const ends = new Uint32Array(this.#ends.length * 2);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
