/** The keys that are about this director, and go when it does: written on change only, and not more often than at a pace. */

import type { Lease, Operation } from '../store/store.js';
import type { Link } from './link.js';

export interface OwnKeysOptions {
  readonly link: Link;
  /** What each key is to hold now; a key that is not in it any more is taken away. */
  readonly wanted: () => ReadonlyMap<string, string>;
  /** Milliseconds from one writing to the next. */
  readonly pace: () => number;
}

/** Milliseconds until it is tried again what the store did not take, unless it is known before that it does. */
const retryAfter = 5_000;

export class OwnKeys {
  readonly #options: OwnKeysOptions;
  #lease: Lease | null = null;
  /** What the store has of them, with the lease that there is. */
  #written = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #notBefore = 0;
  #turn: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: OwnKeysOptions) {
    this.#options = options;
  }

  leased(lease: Lease): void {
    this.#lease = lease;
    this.#written = new Map();
    this.back();
  }

  /** The store takes writes again. */
  back(): void {
    this.#notBefore = 0;
    this.#stopTimer();
    this.touch();
  }

  /** Something about this director may be another. Returns at once. */
  touch(): void {
    if (this.#timer !== null || this.#lease === null || this.#isClosed) return;
    const wait = Math.max(0, this.#notBefore - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, wait).unref();
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #write(): Promise<void> {
    if (this.#turn !== null) {
      await this.#turn;
      this.touch();
      return;
    }
    this.#notBefore = performance.now() + this.#options.pace();
    this.#turn = this.#writeAll().finally(() => {
      this.#turn = null;
    });
    await this.#turn;
  }

  async #writeAll(): Promise<void> {
    const wanted = this.#options.wanted();
    for (const [key, value] of wanted) {
      const lease = this.#lease;
      if (lease === null || this.#written.get(key) === value) continue;
      if (!(await this.#ask({ type: 'put', key, value, lease }))) return;
      if (lease === this.#lease) this.#written.set(key, value);
    }
    for (const key of [...this.#written.keys()]) {
      if (wanted.has(key)) continue;
      if (!(await this.#ask({ type: 'delete', key }))) return;
      this.#written.delete(key);
    }
  }

  /** Whether it was done; where it was not, all of it is tried again after some time. */
  async #ask(operation: Operation): Promise<boolean> {
    if (this.#isClosed) return false;
    const outcome = await this.#options.link.write({ operations: [operation] });
    if (outcome.ok) return true;
    this.#notBefore = performance.now() + retryAfter;
    this.touch();
    return false;
  }
}
