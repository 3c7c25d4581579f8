/** How much of a processor checks take, roughly: enough to say how many threads they need, and to spread them. */

import { checkTypes } from '../config/check-types.js';
import { services } from '../config/services.js';
import { type Check, type Further, isAgentQuestion } from '../probes/probe.js';

/** Milliseconds of processor time, as `npm run bench` finds them, in round figures. */
const costs = { simple: 0.05, dialogue: 0.6, tls: 0.6, program: 5 } as const;

/** The share of one processor. */
export function loadOf(check: Check): number {
  return costOf(check) / check.interval;
}

function costOf(check: Check): number {
  const own: number = costs[kindOf(check)];
  return check.further === null ? own : check.further.reduce((sum, one) => sum + costs[kindOf(one)], own);
}

function kindOf({ type, service, tls }: Check | Further): keyof typeof costs {
  if (isAgentQuestion(type)) return type === 'agent-http' ? 'dialogue' : 'simple';
  const { asks } = checkTypes[type];
  if (asks === 'program') return 'program';
  if (asks !== 'service') return 'simple';
  return tls === null ? services[service].cost : 'tls';
}
