/**
 * How many workers there are to be: by what checks are known to take, and by what they turn out to take on this machine.
 * No more than that: each costs some megabytes and wakes up by itself, and two that speak TLS stand in each other's way,
 * since OpenSSL has locks that all threads of a process share.
 */

/** The share of its time that a worker is to be busy, at most. */
const busy = 0.7;
/** What it turns out to be busy for until there is one more; and for how many looks in a row. */
const tooBusy = 0.85;
const looks = 10;
/** More than one's share is another one's work. */
const more = 1.001;

export class CrewSize {
  /** How many times as long as is known checks take here. */
  #slowness = 1;
  /** Looks in a row. */
  #busyLooks = 0;

  /** For checks that take `load` of one processor; `most` at most. */
  of(load: number, most: number): number {
    return Math.min(most, Math.ceil((load * this.#slowness) / busy));
  }

  /**
   * To be called once a second: each worker was busy for a share of its time, 0 to 1, with checks which are known to take
   * `load` together. Whether the workers are too few; then there are to be more from now on.
   */
  areTooFew(shares: readonly number[], load: number): boolean {
    const { length } = shares;
    const all = shares.reduce((sum, share) => sum + share, 0);
    this.#busyLooks = all > tooBusy * length ? this.#busyLooks + 1 : 0;
    if (this.#busyLooks < looks || load <= 0) return false;
    this.#busyLooks = 0;
    this.#slowness = Math.max(this.#slowness, (length * busy * more) / load);
    return true;
  }
}
