/**
 * What has been asked and not answered, by a number that goes up. A ring: a Map makes a new table every few dozen
 * changes, and each of them holds the next one fast until it is collected.
 */
export class Outstanding<T extends Numbered> {
  /** As many as a power of two, each at the lower bits of its number. */
  #ring: (T | null)[] = new Array<null>(64).fill(null);
  #size = 0;
  #last = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives it a number of 32 bits, with a sign, that no other one has which is outstanding. */
  add(entry: T): void {
    if (this.#size * 2 >= this.#ring.length) this.#grow();
    do this.#last = (this.#last + 1) | 0;
    while (this.#ring[this.#place(this.#last)] !== null);
    entry.number = this.#last;
    this.#ring[this.#place(this.#last)] = entry;
    this.#size += 1;
  }

  get(number: number): T | null {
    const found = this.#ring[this.#place(number)];
    return found?.number === number ? found : null;
  }

  /** Does nothing where it is not outstanding. */
  delete(number: number): void {
    if (this.get(number) === null) return;
    this.#ring[this.#place(number)] = null;
    this.#size -= 1;
  }

  all(): T[] {
    return this.#ring.filter((found) => found !== null);
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

/** Its number is the room's that it stands in, to write. */
export interface Numbered {
  number: number;
}
