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
  readonly last: Noted | null;
  readonly lastFailure: Noted | null;
}

export const noAccount: Account = { ok: 0, failed: 0, last: null, lastFailure: null };

/** With a result that came at `at`, in milliseconds since 1970. */
export function noted({ ok, failed, lastFailure }: Account, result: ProbeResult, at: number): Account {
  const last = { ...result, at };
  return result.ok ? { ok: ok + 1, failed, last, lastFailure } : { ok, failed: failed + 1, last, lastFailure: last };
}
