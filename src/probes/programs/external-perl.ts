/** Up means: the Perl script of the administrator, which is compiled once, returns, or exits with a number that is 0. */

import { answer, failureOf, Hindrance, ProbeFailure } from '../failure.js';
import type { Check, ProbeAnswer } from '../probe.js';
import { hostFor } from './perl/hosts.js';
import { judgeEnd } from './program-end.js';
import { detailsOf, environmentOf } from './program-environment.js';
import { Turns } from './turns.js';

/** Scripts that run at once. High, because one that hangs holds its turn for its whole timeout. */
const bound = 256;
const turns = new Turns(bound);
/** Intervals after which a script has no next check to wait for. */
const restIntervals = 3;

export function probeExternalPerl(check: Check, signal: AbortSignal): Promise<ProbeAnswer> {
  return answer(async () => {
    try {
      return await turns.take(signal, () => run(check, signal));
    } catch (error) {
      throw error instanceof ProbeFailure || !signal.aborted ? error : explainCrowd(error, signal);
    }
  });
}

async function run(check: Check, signal: AbortSignal): Promise<string> {
  const host = await hostFor(check.command, environmentOf(check), restIntervals * check.interval, signal);
  const { output, ...end } = await host.run(check.args, detailsOf(check), signal);
  return judgeEnd(end, output, signal);
}

/** It never had its turn, for the scripts of others. */
function explainCrowd(error: unknown, signal: AbortSignal): ProbeFailure {
  const { what } = failureOf('command', error, signal);
  return new Hindrance('command', what).after(`waiting for one of ${bound} scripts to end`);
}
