/**
 * The descriptors that connections and flows may take of those that this process may have open: who is to be checked,
 * the page and the log are to have some however many clients there are.
 */

const share = 3 / 4;
/** Of a connection: one towards the client, one towards its destination. */
export const perConnection = 2;

export class DescriptorShare {
  readonly #bound: number;
  #taken = 0;

  constructor(limit: number) {
    this.#bound = Math.max(perConnection, Math.floor(limit * share));
  }

  hasRoom(count: number): boolean {
    return this.#taken + count <= this.#bound;
  }

  take(count: number): void {
    this.#taken += count;
  }

  give(count: number): void {
    this.#taken -= count;
  }
}
