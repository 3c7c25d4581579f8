/** What the daemon is doing, as `emailalertstatus` calls it: a start or a reload lasts until its checks have answered. */

import type { AlertPhase } from '../model/config.js';

/** The keys of a set or map that does not change. */
type Keys = Pick<ReadonlySet<string>, 'has' | 'keys'>;

const nothing: Keys = new Set();

export class Progress {
  #phase: AlertPhase = 'starting';
  #checks: Keys = nothing;
  /** Checks that are new and have given no result yet. */
  #awaited = new Set<string>();

  get phase(): AlertPhase {
    return this.#phase;
  }

  /** Whether every check has given a result. */
  get isSettled(): boolean {
    return this.#awaited.size === 0;
  }

  /** A set of checks by key is taken over; all that are new in it are among those `added`. */
  begin(checks: Keys, added: Iterable<string> = checks.keys()): void {
    this.#awaited = this.#checks === nothing ? new Set(added) : this.#awaitedAmong(checks, added);
    this.#checks = checks;
    if (this.#phase === 'running') this.#phase = 'reloading';
  }

  #awaitedAmong(checks: Keys, added: Iterable<string>): Set<string> {
    const awaited = new Set([...this.#awaited].filter((check) => checks.has(check)));
    for (const check of added) if (!this.#checks.has(check)) awaited.add(check);
    return awaited;
  }

  /** Takes note of a result; returns whether it was the last that was waited for. */
  noteAnswer(check: string): boolean {
    return this.#awaited.delete(check) && this.isSettled;
  }

  /** What the results changed has been carried out. */
  settle(): void {
    if (this.isSettled && this.#phase !== 'stopping') this.#phase = 'running';
  }

  stop(): void {
    this.#phase = 'stopping';
  }
}
