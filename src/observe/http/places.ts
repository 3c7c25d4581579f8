/** A bounded number of places, shared out by where those who take them come from. */

export class Places<T> {
  readonly #most: number;
  /** Who has one, and where it comes from; who came first is first. */
  readonly #taken = new Map<T, string>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#taken.size;
  }

  isFor(address: string): boolean {
    return this.#taken.size < this.#most || this.#yieldFrom(neighbourhood(address)) !== null;
  }

  /** Gives who has to go for it; null where nobody has. */
  take(holder: T, address: string): T | null {
    const from = neighbourhood(address);
    const gone = this.#taken.size < this.#most ? null : this.#yieldFrom(from);
    if (gone !== null) this.#taken.delete(gone);
    this.#taken.set(holder, from);
    return gone;
  }

  leave(holder: T): void {
    this.#taken.delete(holder);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#taken.keys();
  }

  /** The first of those who come from where most come from, as long as these keep no fewer than the newcomer's. */
  #yieldFrom(from: string): T | null {
    const counts = new Map<string, number>();
    for (const other of this.#taken.values()) counts.set(other, (counts.get(other) ?? 0) + 1);
    const largest = Math.max(...counts.values());
    if (largest <= (counts.get(from) ?? 0) + 1) return null;
    for (const [holder, other] of this.#taken) if (counts.get(other) === largest) return holder;
    return null;
  }
}

/** An IPv4 address; of an IPv6 address the network, since who has one address of it has all of them: RFC 4291, 2.5.4. */
function neighbourhood(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [left = [], right = []] = address.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
