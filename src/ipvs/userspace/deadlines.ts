/** Who has been idle for longest: deadlines that are all of one length, so that they come in the order of their starts. */

/** An entry, in one list at most. */
export interface Timed {
  /** Those before and after it in its list; null outside of one. */
  earlier: Timed | null;
  later: Timed | null;
  /** Of its last start. */
  since: number;
  onExpired(): void;
}

export class Deadlines<T extends Timed> {
  readonly #span: number;
  readonly #onNearer: (due: number) => void;
  #first: Timed | null = null;
  #last: Timed | null = null;

  /** `onNearer` is told when there is a deadline again, where there was none. */
  constructor(span: number, onNearer: (due: number) => void) {
    this.#span = span;
    this.#onNearer = onNearer;
  }

  /** The one that has been idle for longest. */
  get first(): T | null {
    return this.#first as T | null;
  }

  /** Its time begins, or begins anew. */
  start(entry: T, now: number): void {
    if (entry.since === now && this.#last !== null && (entry.earlier !== null || this.#first === entry)) return;
    this.#take(entry);
    entry.since = now;
    entry.earlier = this.#last;
    if (this.#last === null) {
      this.#first = entry;
      this.#onNearer(now + this.#span);
    } else {
      this.#last.later = entry;
    }
    this.#last = entry;
  }

  delete(entry: T): void {
    this.#take(entry);
  }

  /** Calls those whose time is over; when the next one's is. */
  expire(now: number): number {
    while (this.#first !== null) {
      const entry = this.#first;
      if (entry.since + this.#span > now) return entry.since + this.#span;
      this.#take(entry);
      entry.onExpired();
    }
    return Number.POSITIVE_INFINITY;
  }

  #take(entry: Timed): void {
    const { earlier, later } = entry;
    if (earlier !== null) earlier.later = later;
    else if (this.#first === entry) this.#first = later;
    else return;
    if (later !== null) later.earlier = earlier;
    else this.#last = earlier;
    entry.earlier = null;
    entry.later = null;
  }
}
