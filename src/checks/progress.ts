/** What the daemon is doing, as `emailalertstatus` calls it: a start or a reload lasts until its checks have answered. */

import type { AlertPhase } from '../config/model.js';

export class Progress {
  #phase: AlertPhase = 'starting';
  #checks: ReadonlySet<string> = new Set();
  /** Checks that are new and have given no result yet. */
  #awaited = new Set<string>();

  get phase(): AlertPhase {
    return this.#phase;
  }

  /** Whether every check has given a result. */
  get isSettled(): boolean {
    return this.#awaited.size === 0;
  }

  /** A set of checks by key is taken over. */
  begin(checks: Iterable<string>): void {
    const before = this.#checks;
    this.#checks = new Set(checks);
    this.#awaited = new Set([...this.#checks].filter((check) => this.#awaited.has(check) || !before.has(check)));
    if (this.#phase === 'running') this.#phase = 'reloading';
  }

  /** Takes note of a result; returns whether it was the last that was waited for. */
  answered(check: string): boolean {
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
