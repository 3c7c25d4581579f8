/** Whether all checks fail since about the same time: then it is this machine rather than all of its servers. */

/** What is to be told. */
export type Isolation = 'began' | 'ended';

export class AllFailing {
  #checks: Pick<ReadonlySet<string>, 'has'> & { readonly size: number } = new Set();
  #window = 0;
  /** How many of them are not run now. */
  #resting = 0;
  /** When each of those that fail began to, in milliseconds of a clock that does not jump. */
  readonly #since = new Map<string, number>();
  #told = false;

  /** `window` are the milliseconds within which each of them is asked and has answered. */
  takeOver(checks: Pick<ReadonlySet<string>, 'has'> & { readonly size: number }, window: number): void {
    this.#checks = checks;
    this.#window = window;
    this.#resting = 0;
    for (const check of this.#since.keys()) if (!checks.has(check)) this.#since.delete(check);
  }

  /** How many checks there are that are run. */
  get size(): number {
    return this.#checks.size - this.#resting;
  }

  /** These alone are not run now, and say nothing. */
  rest(checks: Iterable<string>): void {
    this.#resting = 0;
    for (const check of checks) {
      if (!this.#checks.has(check)) continue;
      this.#resting += 1;
      this.#since.delete(check);
    }
  }

  /**
   * Takes note of a result. It has begun where none passes, and half of them at least failed within the window: one that
   * was down before says nothing of this machine, and is no sign against it.
   */
  note(check: string, ok: boolean, now: number): Isolation | null {
    if (!this.#checks.has(check)) return null;
    if (ok) {
      this.#since.delete(check);
      if (!this.#told) return null;
      this.#told = false;
      return 'ended';
    }
    if (!this.#since.has(check)) this.#since.set(check, now);
    if (this.#told || this.#since.size < Math.max(2, this.size)) return null;
    let recent = 0;
    for (const since of this.#since.values()) if (now - since <= this.#window) recent += 1;
    if (recent < 2 || recent * 2 < this.size) return null;
    this.#told = true;
    return 'began';
  }
}
