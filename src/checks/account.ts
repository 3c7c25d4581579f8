/** What a check has given so far, for whoever asks about it. */

import type { ProbeResult } from '../probes/probe.js';

export interface Noted extends ProbeResult {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Since its thread took the check on. */
export interface Account {
  readonly ok: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  readonly last: Noted | null;
  readonly lastFailure: Noted | null;
}

type Open<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The book of one check. Kept in place: each result replaces the one before, and to make objects that live from check
 * to check costs more than all else that is done with a result.
 */
export class Book implements Account {
  ok = 0;
  failed = 0;
  withoutVerdict = 0;
  last: Open<Noted> | null = null;
  lastFailure: Open<Noted> | null = null;

  /** A result that came at `at`, in milliseconds since 1970. */
  note(result: ProbeResult, at: number): void {
    this.last = renew(this.last, result, at);
    if (result.ok) {
      this.ok += 1;
    } else if (result.ok === null) {
      this.withoutVerdict += 1;
    } else {
      this.failed += 1;
      this.lastFailure = renew(this.lastFailure, result, at);
    }
  }
}

function renew(before: Open<Noted> | null, { ok, reason, duration }: ProbeResult, at: number): Open<Noted> {
  if (before === null) return { ok, reason, duration, at };
  before.ok = ok;
  // Mostly the same words in another string: the old one stays, and the new one can go.
  if (before.reason !== reason) before.reason = reason;
  before.duration = duration;
  before.at = at;
  return before;
}
