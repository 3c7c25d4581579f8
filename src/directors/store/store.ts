/**
 * A store that directors share: a small tree of texts, each with the revision that wrote it, which can be watched. One
 * of these is a connection to one endpoint. It holds nothing of what it read, and tries nothing twice that may have
 * been done: who keeps on trying, and where else, is above it.
 */

/** Keys are relative to the prefix, values are text. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  /** Of the store as a whole, when this was written. Each write has a greater one. */
  readonly revision: number;
}

export type Change =
  | ({ readonly type: 'put' } & Entry)
  | { readonly type: 'delete'; readonly key: string; readonly revision: number };

/** Something that the store knows by this name; keys that were written with it go when it ends. */
export type Lease = string;

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: string; readonly lease?: Lease }
  | { readonly type: 'delete'; readonly key: string };

/** What must hold for the operations to be done. */
export interface Condition {
  readonly key: string;
  /** The one that the key was written with last; 0 is a key that is not there. */
  readonly revision: number;
}

/** All of it or nothing. */
export interface Transaction {
  readonly when?: readonly Condition[];
  readonly operations: readonly Operation[];
}

/** Operations of one transaction, and conditions: what etcd takes as it is delivered (--max-txn-ops). */
export const mostOperations = 128;

/** What is read of a store at most: one that has more under the prefix is not meant for this. */
export const largestStore = { entries: 200_000, characters: 64 * 1024 * 1024 } as const;

export interface Snapshot {
  readonly revision: number;
  readonly entries: readonly Entry[];
}

/** What comes of watching, in this order: it stands, then changes, then why it is over. */
export type Watched =
  /** It stands: what is written from now on will come. */
  | { readonly type: 'opened' }
  /** In the order of their revisions, a few hundred at most. */
  | { readonly type: 'changes'; readonly changes: readonly Change[] }
  /** Everything up to this revision has come. */
  | { readonly type: 'reached'; readonly revision: number }
  | { readonly type: 'ended'; readonly fault: Fault };

export interface Fault {
  readonly kind: FaultKind;
  /** Stable, for scripts: the name of an errno, of a status of gRPC, or one of our own. */
  readonly code: string;
  /** One line, without secrets: what happened, and what to do where there is something to do. */
  readonly message: string;
  /** Who said so. */
  readonly endpoint: string;
}

export type FaultKind =
  /** Not reached, no answer in time, or no majority behind the one that answers. A write may have been done. */
  | 'away'
  /** The changes since a revision are not to be had any more: what is there has to be read whole. */
  | 'compacted'
  /** It answered, and will not do this: who asks has to change something. */
  | 'refused'
  /** A condition did not hold: nothing was done. */
  | 'conflict'
  /** There is no such lease any more, nor what was written with it. */
  | 'lease-lost';

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: Fault };

/** Nothing rejects. Each has a deadline of some seconds, and ends before it once the signal aborts. */
export interface Store {
  readonly endpoint: string;
  /** One key, as all have agreed on it: who is cut off from the others does not answer. With `at` as it was at that revision. */
  get(key: string, signal: AbortSignal, at?: number): Promise<Outcome<{ revision: number; entry: Entry | null }>>;
  /** All there is, as it was at one revision. */
  read(signal: AbortSignal): Promise<Outcome<Snapshot>>;
  /** All changes from that revision on. It ends with `ended`, or with the signal, and takes no more than is taken off. */
  watch(from: number, signal: AbortSignal): AsyncGenerator<Watched, void>;
  /** The revision at which it was done. */
  write(transaction: Transaction, signal: AbortSignal): Promise<Outcome<number>>;
  /** For so many seconds after it was last kept alive. */
  grant(seconds: number, signal: AbortSignal): Promise<Outcome<Lease>>;
  keepAlive(lease: Lease, signal: AbortSignal): Promise<Outcome<void>>;
  /** It and all that was written with it goes. */
  revoke(lease: Lease, signal: AbortSignal): Promise<Outcome<void>>;
  /** Everything under way ends, as with its signal. */
  close(): Promise<void>;
}

/** What a kind of store is reached by. Reads what it needs of files each time: they may have changed. */
export type Open = (endpoint: string, signal: AbortSignal) => Promise<Outcome<Store>>;
