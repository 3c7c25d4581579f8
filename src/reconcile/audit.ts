/** What a look at the table found, in numbers. */

import type { ObservedTable, Table } from '../ipvs/table.js';

export interface Audit {
  /** Of the wanted services, those that stand, and what is in them. */
  readonly services: number;
  readonly destinations: number;
  /** Entries that are not as they should be. */
  readonly differences: number;
}

export function audit(wanted: Table, table: ObservedTable, differences: number): Audit {
  const entries = [...table].filter(([key]) => wanted.has(key)).map(([, entry]) => entry);
  return {
    services: entries.length,
    destinations: entries.reduce((sum, { destinations }) => sum + destinations.size, 0),
    differences,
  };
}
