/** A whole table compared with the wanted one, in numbers. */

import type { ObservedTable, Table } from '../ipvs/table.js';
import { plan } from './plan.js';

export interface Audit {
  /** Of the wanted services, those that stand, and what is in them. */
  readonly services: number;
  readonly destinations: number;
  /** Entries to put right. */
  readonly differences: number;
}

export function audit(wanted: Table, table: ObservedTable): Audit {
  const entries = [...table].filter(([key]) => wanted.has(key)).map(([, entry]) => entry);
  return {
    services: entries.length,
    destinations: entries.reduce((sum, { destinations }) => sum + destinations.size, 0),
    differences: plan(wanted, table, new Set(wanted.keys())).length,
  };
}
