/** What a look at the table found, in numbers. */

import type { ObservedTable } from '../ipvs/table.js';
import type { Desired } from './desired.js';

export interface Audit {
  /** Of the wanted services, those that stand, and what is in them. */
  readonly services: number;
  readonly destinations: number;
  /** Entries that are not as they should be. */
  readonly differences: number;
}

export function audit(wanted: Desired, table: ObservedTable, differences: number): Audit {
  const counts = (key: string): boolean => wanted.get(key)?.isPath === undefined && wanted.has(key);
  const entries = [...table].filter(([key]) => counts(key)).map(([, entry]) => entry);
  return {
    services: entries.length,
    destinations: entries.reduce((sum, { destinations }) => sum + destinations.size, 0),
    differences,
  };
}
