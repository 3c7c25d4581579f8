/** Which servers a table that is found shows to be up. */

import { destinationKey, type ObservedTable, serviceKey } from '../ipvs/table.js';
import type { Fallback, RealServer, Virtual } from '../model/config.js';
import { type InForce, isDrained, weightInForce } from '../model/override.js';
import { destinationOf, serviceOf } from './desired.js';

/** Whether a server stands in the table as one that is up does: at weight 0 where that is what it would have. */
export function standsAsUp(virtual: Virtual, real: RealServer, inForce: InForce, table: ObservedTable): boolean {
  const service = serviceOf(virtual);
  const destination = destinationOf(virtual, real);
  if (service === null || destination === null) return false;
  const standing = table.get(serviceKey(service))?.destinations.get(destinationKey(destination));
  if (standing === undefined) return false;
  if (standing.weight > 0 || isDrained(inForce.held.get(real))) return true;
  const { base, share } = weightInForce(real, inForce);
  return base === 0 || share === 0;
}

/**
 * Whether a fallback without a result is taken as up. Where some are known to have answered, those alone: one that comes
 * before them in the file would take over untried. Where nothing is known, all: one that may be dead is better than none.
 */
export function startsAsUp(
  { fallbacks }: Virtual,
  fallback: Fallback,
  hasAnswered: (fallback: Fallback) => boolean,
): boolean {
  return hasAnswered(fallback) || !fallbacks.some(hasAnswered);
}
