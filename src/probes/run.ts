/** Runs a probe so that it ends in time, whatever it does. */

import { performance } from 'node:perf_hooks';
import { isNegotiated } from '../config/check-types.js';
import { CheckSignal } from './check-signal.js';
import { DeadlineExceeded, printable } from './failure.js';
import { probeFor, type Stage } from './index.js';
import { type Check, isAgentQuestion, type Probe, type ProbeAnswer, type ProbeResult } from './probe.js';
import { afterRunning } from './standstill.js';
import { expectSearches } from './wire/bounded-search.js';
import { redact } from './wire/secrets.js';

/** Milliseconds for a probe to clean up after its deadline. */
const grace = 1000;
/** The longest time that a timer takes; beyond, it would fire at once. */
const longestTimer = 2 ** 31 - 1 - grace;

/**
 * Never rejects, and settles at the latest one second after the check's timeout, or after the signal is aborted: who
 * does that does not want the result any more. Time for which this thread stood still is given again, once, and no more
 * than the timeout. A signal is for one run.
 */
export function runProbe(check: Check, stage: Stage, signal = new CheckSignal()): Promise<ProbeResult> {
  const probe = probeFor(check, stage);
  const negotiates = stage === 'negotiate' && !isAgentQuestion(check.type) && isNegotiated(check.type);
  const timeout = negotiates ? check.negotiateTimeout : check.checkTimeout;
  return runBounded(probe, check, Math.min(timeout, longestTimer), signal);
}

/** To be called when a probe is to be run from now on: what takes some time to begin is begun. */
export function expectProbe({ receive }: Pick<Check, 'receive'>): void {
  if (receive !== null) expectSearches(receive.regex);
}

/** Runs one probe with a deadline in milliseconds from now. */
export function runBounded(
  probe: Probe,
  check: Check,
  timeout: number,
  signal = new CheckSignal(),
): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const started = performance.now();
    const settle = ({ ok, reason }: ProbeAnswer): void => {
      callOff();
      signal.removeEventListener('abort', expectEnd);
      resolve({ ok, reason: redact(reason, check), duration: performance.now() - started });
    };
    const expectEnd = (): void => {
      callOff();
      const reason = `internal: the probe did not end ${grace / 1000} s after its deadline`;
      callOff = afterRunning(grace, () => settle({ ok: null, reason }));
    };
    let callOff = afterRunning(timeout, () => signal.abort(new DeadlineExceeded(timeout)));
    if (signal.aborted) expectEnd();
    else signal.addEventListener('abort', expectEnd);
    // A defect of this program, as a module that cannot be loaded: it says nothing about the server.
    const broken = (error: unknown): void => settle({ ok: null, reason: `internal: ${printable(String(error))}` });
    try {
      probe(check, signal).then(settle, broken);
    } catch (error) {
      broken(error);
    }
  });
}
