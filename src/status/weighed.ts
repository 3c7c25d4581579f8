/** What the weight of a server in use is made of, as it is shown. */

import type { RealServer } from '../model/config.js';
import type { InForce } from '../model/override.js';
import type { Standing } from '../reconcile/standings/standing.js';
import { factorsOf, grownPercent, nextStep, weightAt } from '../reconcile/standings/weight.js';
import type { Weighed } from './model.js';

/** Null where that is the file's alone. */
export function weighedOf(real: RealServer, { growth }: Standing, inForce: InForce): Weighed | null {
  if (growth === null && !inForce.shares.has(real) && !inForce.weights.has(real)) return null;
  const { base, from, share } = factorsOf(real, inForce);
  if (growth === null) return { base, from, share, grown: null, next: null };
  const { seconds, over } = growth;
  const grown = { percent: grownPercent(growth), seconds, over };
  const at = nextStep({ base, from, share, growth });
  return { base, from, share, grown, next: { weight: weightAt(at, { base, from, share, growth }), at } };
}
