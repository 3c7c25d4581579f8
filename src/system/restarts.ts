/** How soon a thread that failed is replaced: at once, or later and later where it fails soon after its start. */

/** Milliseconds of the first pause, doubled each time. */
const pause = { first: 250, longest: 30_000 } as const;
/** Milliseconds after which a thread's end has nothing to do with its start. */
const soon = 10_000;

export class Restarts {
  #began = 0;
  /** In a row that failed soon. */
  #failures = 0;

  begin(now: number): void {
    this.#began = now;
  }

  /** Milliseconds until the next one begins. */
  fail(now: number): number {
    this.#failures = now - this.#began < soon ? this.#failures + 1 : 0;
    return this.wait;
  }

  /** The failures had a cause that is gone. */
  forgive(): void {
    this.#failures = 0;
  }

  /** Milliseconds until the next one begins, as it is now. */
  get wait(): number {
    return this.#failures === 0 ? 0 : Math.min(pause.first * 2 ** (this.#failures - 1), pause.longest);
  }
}
