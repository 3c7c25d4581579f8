/** What comes of a check, once, with nothing left over. */

import assert from 'node:assert/strict';
import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { brief } from './check.js';
import { withoutLeaks } from './leaks.js';

export async function verdict(check: Check): Promise<[ok: boolean | null, reason: string]> {
  const { ok, reason } = await withoutLeaks(() => runProbe(check, 'negotiate'));
  return [ok, reason];
}

/** Gives the reason back, for what else is to be said of it. */
export async function assertVerdict(
  check: Check,
  ok: boolean,
  expected: string | RegExp,
  context?: string,
): Promise<string> {
  const [found, reason] = await verdict(check);
  if (typeof expected === 'string') assert.equal(reason, expected, context);
  else assert.match(reason, expected, context);
  assert.equal(found, ok, context);
  return reason;
}

/** A server whose process is stopped is down at the deadline, and up again when it goes on. */
export async function assertStops(
  server: { freeze(): void; thaw(): void },
  check: Check,
  reason: string,
): Promise<void> {
  server.freeze();
  try {
    await assertVerdict({ ...check, negotiateTimeout: brief }, false, reason);
  } finally {
    server.thaw();
  }
  assert.equal((await runProbe(check, 'negotiate')).ok, true);
}
