/**
 * What has been asked and not answered, by a number that goes up. A ring: a Map makes a new table every few dozen
 * changes, and each of them holds the next one fast until it is collected.
 */
export class Outstanding<T> {
  /** As many as a power of two, each at the lower bits of its number. */
  #ring: (Numbered<T> | null)[] = new Array<null>(64).fill(null);
  #size = 0;
  #last = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds what is made for a number of 32 bits that no other one has which is outstanding. */
  add(make: (number: number) => T): T {
    if (this.#size * 2 >= this.#ring.length) this.#grow();
    do this.#last = (this.#last + 1) >>> 0;
    while (this.#ring[this.#place(this.#last)] !== null);
    const entry = make(this.#last);
    this.#ring[this.#place(this.#last)] = { number: this.#last, entry };
    this.#size += 1;
    return entry;
  }

  get(number: number): T | null {
    const found = this.#ring[this.#place(number)];
    return found?.number === number ? found.entry : null;
  }

  /** Does nothing where it is not outstanding. */
  delete(number: number): void {
    if (this.get(number) === null) return;
    this.#ring[this.#place(number)] = null;
    this.#size -= 1;
  }

  all(): T[] {
    return this.#ring.flatMap((found) => (found === null ? [] : [found.entry]));
  }

  #place(number: number): number {
    return number & (this.#ring.length - 1);
  }

  /** Numbers that differ in their lower bits do so in one bit more. */
  #grow(): void {
    const before = this.#ring;
    this.#ring = new Array<null>(before.length * 2).fill(null);
    for (const found of before) if (found !== null) this.#ring[this.#place(found.number)] = found;
  }
}

interface Numbered<T> {
  readonly number: number;
  readonly entry: T;
}
