/** Which question comes next where `checktype` is a number. */

import type { Stage } from '../probes/index.js';
import type { Check, Verdict } from '../probes/probe.js';

/** Connect checks that went well since the last negotiate. */
export type Connects = number;

/** N connects, then one negotiate; a connect that failed leads to a negotiate at once. */
export function stageOf(check: Check, connects: Connects): Stage {
  if (check.type === 'combined') return connects < check.connects ? 'connect' : 'negotiate';
  return check.type === 'negotiate' ? 'negotiate' : 'connect';
}

export function countConnect(check: Check, stage: Stage, ok: Verdict, connects: Connects): Connects {
  // Then it is asked the same again.
  if (ok === null) return connects;
  if (stage === 'negotiate') return 0;
  return ok ? connects + 1 : check.connects;
}
