/** Runs a probe so that it ends in time, whatever it does. */

import { performance } from 'node:perf_hooks';
import { CheckSignal } from './check-signal.js';
import { probeFor, type Stage } from './index.js';
import { type Answer, type Check, isNegotiated, type Probe, type ProbeResult } from './probe.js';
import { DeadlineExceeded, printable } from './wire/failure.js';
import { redacted } from './wire/secrets.js';

/** Milliseconds for a probe to clean up after its deadline. */
const grace = 1000;
/** The longest time that a timer takes; beyond, it would fire at once. */
const longestTimer = 2 ** 31 - 1 - grace;

/**
 * Never rejects, and settles at the latest one second after the check's timeout, or after `cancel`: who
 * cancels does not want the result any more.
 */
export function runProbe(check: Check, stage: Stage, cancel?: AbortSignal): Promise<ProbeResult> {
  const probe = probeFor(check, stage);
  const negotiates = isNegotiated(check.type) && stage === 'negotiate';
  const timeout = negotiates ? check.negotiateTimeout : check.checkTimeout;
  return bounded(probe, check, Math.min(timeout, longestTimer), cancel);
}

/** Runs one probe with a deadline in milliseconds from now. */
export function bounded(probe: Probe, check: Check, timeout: number, cancel?: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const started = performance.now();
    const signal = new CheckSignal();
    const settle = ({ ok, reason }: Answer): void => {
      clearTimeout(timer);
      cancel?.removeEventListener('abort', cancelled);
      resolve({ ok, reason: redacted(reason, check), duration: performance.now() - started });
    };
    const end = (cause: unknown): void => {
      clearTimeout(timer);
      const reason = `internal: the probe did not end ${grace / 1000} s after its deadline`;
      timer = setTimeout(() => settle({ ok: false, reason }), grace);
      signal.abort(cause);
    };
    const cancelled = (): void => end(cancel?.reason);
    let timer = setTimeout(() => end(new DeadlineExceeded(timeout)), timeout);
    if (cancel?.aborted) cancelled();
    cancel?.addEventListener('abort', cancelled, { once: true });
    const broken = (error: unknown): void => settle({ ok: false, reason: `internal: ${printable(String(error))}` });
    try {
      probe(check, signal).then(settle, broken);
    } catch (error) {
      broken(error);
    }
  });
}
