/** What this room needs of the connection to the store, to write to it. */

import type { Outcome, Transaction } from '../store/store.js';

export interface Link {
  /** Does not reject. Says at once that the store is away where it is. */
  write(transaction: Transaction): Promise<Outcome<number>>;
}
