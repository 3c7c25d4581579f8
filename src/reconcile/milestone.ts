/** A number that grows, and who waits for it. */

interface Waiting {
  readonly number: number;
  readonly resolve: () => void;
}

export class Milestone {
  #reached = 0;
  #waiting: Waiting[] = [];

  /** Settles when the number has been reached. */
  until(number: number): Promise<void> {
    if (number <= this.#reached) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ number, resolve }));
  }

  reach(number: number): void {
    this.#reached = Math.max(this.#reached, number);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((each) => each.number > this.#reached);
    for (const { number: wanted, resolve } of waiting) if (wanted <= this.#reached) resolve();
  }
}
