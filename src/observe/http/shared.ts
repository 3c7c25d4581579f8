/** One answer for all who ask at the same time, or shortly after. */

/** Milliseconds for which an answer is given again. */
const freshFor = 250;

/** Makes a value on request, one at a time: however many ask, the work is done a few times a second at most. */
export class Shared<T> {
  readonly #make: () => Promise<T>;
  #making: Promise<T> | null = null;
  #made = 0;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /** Rejects where the value cannot be made; who asks next has it tried again. */
  get(): Promise<T> {
    if (this.#making !== null && performance.now() < this.#made + freshFor) return this.#making;
    this.#made = Number.POSITIVE_INFINITY;
    const making = this.#make();
    this.#making = making;
    const done = (): void => {
      this.#made = performance.now();
    };
    making.then(done, () => {
      this.#making = null;
    });
    return making;
  }
}
