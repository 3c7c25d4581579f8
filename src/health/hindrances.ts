/** Which checks have no verdict at present, and why. Each cause is worth telling when it begins, and when it is over. */

import type { ProbeAnswer } from '../probes/probe.js';

/** A cause that has begun to keep checks from a verdict, or that is over. */
export interface HindranceChange {
  readonly reason: string;
  readonly began: boolean;
  /** The most checks at once that had no verdict for it. */
  readonly checks: number;
}

interface Cause {
  /** Those that have no verdict for it now, and the most of them so far. */
  checks: number;
  most: number;
  /** When the last of them had a verdict, in milliseconds; null while one has none. */
  calmSince: number | null;
  told: boolean;
}

/** Milliseconds without a check that a cause hinders until it counts as over: a shortage comes and goes. */
const calm = 10_000;
/** Causes that are told at a time; reasons that differ each time must not fill the log. */
const toldBound = 10;

export class Hindrances {
  /** Reasons by check. */
  readonly #reasons = new Map<string, string>();
  readonly #causes = new Map<string, Cause>();

  /** Takes note of what came of a check. */
  note(check: string, { ok, reason }: ProbeAnswer, now: number): void {
    const before = this.#reasons.get(check);
    if (before !== undefined) this.#release(check, before, now);
    if (ok !== null) return;
    this.#reasons.set(check, reason);
    const cause = this.#causes.get(reason) ?? { checks: 0, most: 0, calmSince: null, told: false };
    this.#causes.set(reason, cause);
    cause.checks += 1;
    cause.most = Math.max(cause.most, cause.checks);
    cause.calmSince = null;
  }

  /** A check is not run any more. */
  drop(check: string, now: number): void {
    const reason = this.#reasons.get(check);
    if (reason !== undefined) this.#release(check, reason, now);
  }

  /** Forgets the checks that are gone. */
  keep(checks: Pick<ReadonlySet<string>, 'has'>, now: number): void {
    for (const [check, reason] of this.#reasons) if (!checks.has(check)) this.#release(check, reason, now);
  }

  /** Checks without a verdict. */
  get count(): number {
    return this.#reasons.size;
  }

  /** Why a check has no verdict; null where it has one, or has not been run. */
  reasonOf(check: string): string | null {
    return this.#reasons.get(check) ?? null;
  }

  /** What has begun, and what is over, since this was last asked for. */
  changes(now: number): HindranceChange[] {
    const found: HindranceChange[] = [];
    let told = [...this.#causes.values()].filter((cause) => cause.told).length;
    for (const [reason, cause] of this.#causes) {
      const { most: checks, calmSince } = cause;
      if (!cause.told && told < toldBound) {
        cause.told = true;
        told += 1;
        found.push({ reason, began: true, checks });
      }
      if (calmSince === null || now - calmSince < calm) continue;
      this.#causes.delete(reason);
      if (cause.told) found.push({ reason, began: false, checks });
    }
    return found;
  }

  #release(check: string, reason: string, now: number): void {
    this.#reasons.delete(check);
    const cause = this.#causes.get(reason);
    if (cause === undefined) return;
    cause.checks -= 1;
    if (cause.checks === 0) cause.calmSince = now;
  }
}
