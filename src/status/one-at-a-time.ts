/** An answer that is dear to make: made once at a time, however many ask. */

export class OneAtATime<T> {
  readonly #make: () => Promise<T>;
  #making: Promise<T> | null = null;
  #next: Promise<T> | null = null;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  /**
   * Those who ask while one is being made share the one after it: what has changed before they asked is in it. Rejects
   * where it cannot be made.
   */
  get(): Promise<T> {
    if (this.#making === null) return this.#begin();
    this.#next ??= this.#making.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<T> {
    this.#next = null;
    const making = this.#make().finally(() => {
      if (this.#making === making) this.#making = null;
    });
    this.#making = making;
    return making;
  }
}
