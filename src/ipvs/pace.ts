/** How much to do at a time so that it takes about as long as it may. */

export interface PaceOptions {
  readonly least: number;
  readonly most: number;
  /** Milliseconds that one go is to take. */
  readonly target: number;
}

/** A machine, a table, a kind of operation: what a go takes is known from the one before. */
export class Pace {
  readonly #options: PaceOptions;
  #size: number;

  constructor(first: number, options: PaceOptions) {
    this.#options = options;
    this.#size = first;
  }

  /** How many the next go may have. */
  get size(): number {
    return this.#size;
  }

  /** Takes note of what a go of so many took. At most twice as many come next: one quick go may have been chance. */
  took(count: number, milliseconds: number): void {
    const { least, most, target } = this.#options;
    const fitting = milliseconds > 0 ? Math.floor((count * target) / milliseconds) : most;
    // A small go that was quick says nothing about larger ones.
    if (count < this.#size && fitting >= this.#size) return;
    this.#size = Math.min(most, Math.max(least, Math.min(fitting, this.#size * 2)));
  }
}
