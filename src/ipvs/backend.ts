/** Where a table is kept: the kernel, the embedded balancer, or memory. */

import type { Capabilities } from './capabilities.js';
import type { SyncDaemons } from './sync-daemon.js';
import type { Destination, DestinationIdentity, MeteredTable, Service, ServiceIdentity } from './table.js';

export type Operation =
  | { readonly type: 'add-service'; readonly service: Service }
  | { readonly type: 'edit-service'; readonly service: Service }
  | { readonly type: 'delete-service'; readonly service: ServiceIdentity }
  | { readonly type: 'add-destination'; readonly service: ServiceIdentity; readonly destination: Destination }
  | { readonly type: 'edit-destination'; readonly service: ServiceIdentity; readonly destination: Destination }
  | {
      readonly type: 'delete-destination';
      readonly service: ServiceIdentity;
      readonly destination: DestinationIdentity;
    };

/**
 * Why an operation failed. `code` is the errno name that the kernel answers with in the same case
 * (EEXIST, ENOENT, EADDRINUSE, EACCES, ENOTSUP …); `message` says what to do about it where that is known.
 */
export interface Failure {
  readonly code: string;
  readonly message: string;
  /** Nobody said no: only a new read of the table tells whether the operation was carried out. */
  readonly unanswered?: true;
}

export interface ReadOptions {
  /** Whether what passes through is wanted as well, where the backend counts it. */
  readonly traffic?: boolean;
  /** Keys of the services that are wanted; all without. One that does not stand is left out. */
  readonly only?: ReadonlySet<string>;
  /** Who asked waits no longer. */
  readonly signal?: AbortSignal;
  /** Called now and then while the table comes in; not by backends that have all of it at once. */
  readonly onProgress?: () => void;
}

export interface Backend {
  readonly name: string;
  readonly capabilities: Capabilities;
  /** Absent where connections stay with this process. */
  readonly sync?: SyncDaemons;
  /** The table as it stands. */
  read(options?: ReadOptions): Promise<MeteredTable>;
  /**
   * Carries the operations out in order. A failed one fails alone: the rest are still tried. The answer
   * has one place for each operation, null where it succeeded.
   */
  apply(operations: readonly Operation[]): Promise<(Failure | null)[]>;
  /** Whether a persistent client is sent on to its destination when that has weight 0; where there is no answer none is. */
  persistsAtZero?(): boolean;
  /** Releases what the backend itself holds; a table that outlives the process stays as it is. */
  close(): Promise<void>;
}
