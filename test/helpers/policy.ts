/** Policies with what they are unless a file says more. */

import type { Policy } from '../../src/health/policy.js';

export function policyOf(changes: Partial<Policy> = {}): Policy {
  return { failurecount: 1, risecount: 1, startstate: 'table', ...changes };
}
