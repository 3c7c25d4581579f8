/** What the daemon is doing, as `emailalertstatus` calls it: a start or a reload lasts until its checks have answered. */

import type { AlertPhase } from '../model/config.js';

/** The keys of a set or map that does not change. */
export interface Keys {
  readonly size: number;
  has(key: string): boolean;
  keys(): Iterable<string>;
}

const nothing: Keys = new Set();

export class Progress {
  #phase: AlertPhase = 'starting';
  #checks: Keys = nothing;
  /** Checks that are new, a hundred thousand perhaps; and which of them have given a result, until all have. */
  #awaited: Keys = nothing;
  readonly #answered = new Set<string>();

  get phase(): AlertPhase {
    return this.#phase;
  }

  /** Whether every check has given a result. */
  get isSettled(): boolean {
    return this.#answered.size === this.#awaited.size;
  }

  /** A set of checks by key is taken over; all that are new in it are among those `added`. */
  begin(checks: Keys, added: Keys = checks): void {
    this.#awaited = this.#checks === nothing ? added : this.#awaitedAmong(checks, added);
    this.#answered.clear();
    this.#checks = checks;
    if (this.#phase === 'running') this.#phase = 'reloading';
  }

  #awaitedAmong(checks: Keys, added: Keys): Keys {
    const awaited = new Set<string>();
    for (const check of this.#awaited.keys()) {
      if (checks.has(check) && !this.#answered.has(check)) awaited.add(check);
    }
    for (const check of added.keys()) if (!this.#checks.has(check)) awaited.add(check);
    return awaited;
  }

  /** Takes note of a result; returns whether it was the last that was waited for. */
  noteAnswer(check: string): boolean {
    if (!this.#awaited.has(check)) return false;
    this.#answered.add(check);
    if (!this.isSettled) return false;
    this.#awaited = nothing;
    this.#answered.clear();
    return true;
  }

  /** What the results changed has been carried out. */
  settle(): void {
    if (this.isSettled && this.#phase !== 'stopping') this.#phase = 'running';
  }

  stop(): void {
    this.#phase = 'stopping';
  }
}
