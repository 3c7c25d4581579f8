/** One answer for all who ask for the same at the same time, or shortly after. */

/** Milliseconds for which an answer is given again. */
const freshFor = 250;
/** Different ones that are kept, and that are made at once. */
const most = 64;

interface Made<T> {
  readonly value: Promise<T>;
  /** When it was; infinite while it is not. */
  at: number;
}

/** Makes values on request: however many ask for one, the work for it is done a few times a second at most. */
export class Shared<T> {
  readonly #made = new Map<string, Made<T>>();

  /** Rejects where it cannot be made, or too many others are being made; who asks next has it tried again. */
  get(what: string, make: () => Promise<T>): Promise<T> {
    const standing = this.#made.get(what);
    if (standing !== undefined && performance.now() < standing.at + freshFor) return standing.value;
    this.#made.delete(what);
    if (this.#made.size >= most && !this.#forgetOldest()) {
      return Promise.reject(new Error(`${most} other answers are being made`));
    }
    const made: Made<T> = { value: make(), at: Number.POSITIVE_INFINITY };
    this.#made.set(what, made);
    made.value.then(
      () => this.#note(what, made),
      () => this.#forget(what, made),
    );
    return made.value;
  }

  #note(what: string, made: Made<T>): void {
    made.at = performance.now();
    // What is large is not to stay for nobody.
    setTimeout(() => this.#forget(what, made), freshFor).unref();
  }

  #forget(what: string, made: Made<T>): void {
    if (this.#made.get(what) === made) this.#made.delete(what);
  }

  #forgetOldest(): boolean {
    for (const [what, { at }] of this.#made) {
      if (at === Number.POSITIVE_INFINITY) continue;
      return this.#made.delete(what);
    }
    return false;
  }
}
