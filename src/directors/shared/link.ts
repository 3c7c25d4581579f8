/** What this room needs of the connection to the store: whoever keeps it tries on, and elsewhere. */

import type { Change, Lease, Outcome, Snapshot, Transaction } from '../store/store.js';

/** Hears what the store holds, in its order. */
export interface Listener {
  /** It was read whole: at first, and whenever what came in between is not to be had; another identity is other data. */
  snapshot(snapshot: Snapshot, identity: string): void;
  changes(changes: readonly Change[]): void;
  /** Keys that go when this director does are written with this one from now on; those of the one before are gone. */
  leased(lease: Lease): void;
  /** It answers no more; `snapshot` or `changes` say that it does again. */
  away(): void;
}

export interface Link {
  write(transaction: Transaction): Promise<Outcome<number>>;
}
