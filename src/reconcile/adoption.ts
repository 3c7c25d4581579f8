/** Which servers a table that is found shows to be up. */

import { destinationKey, type ObservedTable, serviceKey } from '../ipvs/table.js';
import type { RealServer, Virtual } from '../model/config.js';
import { type InForce, isDrained } from '../model/override.js';
import { destinationOf, serviceOf } from './desired.js';

/** Whether a server stands in the table as one that is up does: at weight 0 where that is what it would have. */
export function standsAsUp(
  virtual: Virtual,
  real: RealServer,
  { held, weights }: InForce,
  table: ObservedTable,
): boolean {
  const service = serviceOf(virtual);
  const destination = destinationOf(virtual, real);
  if (service === null || destination === null) return false;
  const standing = table.get(serviceKey(service))?.destinations.get(destinationKey(destination));
  if (standing === undefined) return false;
  const wanted = isDrained(held.get(real)) ? 0 : (weights.get(real)?.weight ?? real.weight);
  return standing.weight > 0 || wanted === 0;
}
