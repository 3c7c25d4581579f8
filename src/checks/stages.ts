/** Which question comes next where `checktype` is a number. */

import type { Stage } from '../probes/index.js';
import type { Check, Verdict } from '../probes/probe.js';

/** Connect checks that went well since the last negotiate that did; as many as `checktype` says, at most. */
export type Connects = number;

/** A server must have passed one negotiate before a connect says anything of it. */
export function firstConnects(check: Check): Connects {
  return check.connects;
}

/** A negotiate until one passes, then N connects; a connect that failed leads to a negotiate at once. */
export function stageOf(check: Check, connects: Connects): Stage {
  if (check.type === 'combined') return connects < check.connects ? 'connect' : 'negotiate';
  return check.type === 'negotiate' ? 'negotiate' : 'connect';
}

export function countConnect(check: Check, stage: Stage, ok: Verdict, connects: Connects): Connects {
  // Then it is asked the same again.
  if (ok === null) return connects;
  if (!ok) return check.connects;
  return stage === 'negotiate' ? 0 : connects + 1;
}
