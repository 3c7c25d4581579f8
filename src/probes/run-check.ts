/**
 * A check with its further ones: they come after the ordinary one, one after another, so that a check has one socket at
 * a time, and the first that does not pass decides. It is one check with one result, whatever it is made of.
 */

import { CheckSignal } from './check-signal.js';
import { furtherChecks, furtherName } from './further.js';
import type { Stage } from './index.js';
import type { Check, ProbeResult } from './probe.js';
import { beginProbe, expectProbe, runProbe, type Told } from './run.js';

/** As `runProbe`, of all that has to pass; `run` asks once. Each has its own time. */
export function runCheck(
  check: Check,
  stage: Stage,
  signal = new CheckSignal(),
  run: typeof runProbe = runProbe,
): Promise<ProbeResult> {
  return check.further === null ? run(check, stage, signal) : runAll(check, stage, signal, run);
}

/** The same, told without a promise. */
export function beginCheck(check: Check, stage: Stage, signal: CheckSignal, told: Told): void {
  if (check.further === null) beginProbe(check, stage, signal, told);
  else void runAll(check, stage, signal, runProbe).then(told);
}

/** As `expectProbe`, likewise. */
export function expectCheck(check: Check): void {
  expectProbe(check);
  for (const further of check.further ?? []) expectProbe(further);
}

async function runAll(check: Check, stage: Stage, all: CheckSignal, run: typeof runProbe): Promise<ProbeResult> {
  const ordinary = await within(all, (signal) => run(check, stage, signal));
  if (ordinary.ok !== true) return ordinary;
  const further = furtherChecks(check);
  let { duration } = ordinary;
  for (const one of further) {
    // Nobody wants the result any more.
    if (all.aborted) return { ok: null, reason: 'abandoned', duration };
    const { ok, reason, duration: more } = await within(all, (signal) => run(one, 'negotiate', signal));
    duration += more;
    if (ok !== true) return { ok, reason: `require ${furtherName(one, further)}: ${reason}`, duration };
  }
  const passed = further.length === 1 ? '1 further check passed' : `${further.length} further checks passed`;
  return { ok: true, reason: `${ordinary.reason}; ${passed}`, duration };
}

/** With a signal of its own: the end of its time is not that of the next one. */
async function within(all: CheckSignal, ask: (signal: CheckSignal) => Promise<ProbeResult>): Promise<ProbeResult> {
  const signal = new CheckSignal();
  const abandon = (): void => signal.abort(all.reason);
  all.addEventListener('abort', abandon);
  try {
    return await ask(signal);
  } finally {
    all.removeEventListener('abort', abandon);
  }
}
