/** Holds one lease as long as there is a connection, and another one where it has been lost meanwhile. */

import { Rest } from './rest.js';
import type { Fault, Lease, Outcome, Store } from './store.js';

export interface LeaseHolderOptions {
  /** Seconds that it lasts after it was last kept alive. */
  readonly seconds: number;
  /** A lease is held that was not before: what is to go with it has to be written now. */
  readonly onGranted: (lease: Lease) => void;
  /** What was said when one was asked for. */
  readonly onAsked: (outcome: Outcome<unknown>) => void;
}

/** How often within its time it is kept alive: two answers may be lost. */
const timesWithin = 3;
/** Milliseconds for giving it back at the end. */
const revokeDeadline = 1_000;

export class LeaseHolder {
  readonly #options: LeaseHolderOptions;
  readonly #rest = new Rest();
  #lease: Lease | null = null;

  constructor(options: LeaseHolderOptions) {
    this.#options = options;
  }

  /** Null before the first one. It may have been lost since it was last heard of. */
  get lease(): Lease | null {
    return this.#lease;
  }

  /** Keeps it alive by this connection until the signal aborts. */
  async hold(store: Store, signal: AbortSignal): Promise<void> {
    const pause = (this.#options.seconds * 1_000) / timesWithin;
    while (!signal.aborted) {
      const fault = await this.#keep(store, signal);
      // One that is lost is had anew at once.
      if (fault?.kind !== 'lease-lost') await this.#rest.wait(pause, signal);
    }
  }

  async #keep(store: Store, signal: AbortSignal): Promise<Fault | null> {
    if (this.#lease !== null) {
      const kept = await store.keepAlive(this.#lease, signal);
      if (kept.ok) return null;
      if (kept.fault.kind === 'lease-lost') this.#lease = null;
      return kept.fault;
    }
    const granted = await store.grant(this.#options.seconds, signal);
    if (signal.aborted) return null;
    this.#options.onAsked(granted);
    if (!granted.ok) return granted.fault;
    this.#lease = granted.value;
    this.#options.onGranted(granted.value);
    return null;
  }

  /** Somebody was told that it is lost: whether it is, is asked now. */
  doubt(): void {
    this.#rest.wake();
  }

  /** Gives it back, so that nobody waits for its end. */
  async release(store: Store): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    if (lease !== null) await store.revoke(lease, AbortSignal.timeout(revokeDeadline));
  }
}
