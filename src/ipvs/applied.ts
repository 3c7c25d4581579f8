/** What operations that went well make of a table. */

import type { Operation } from './backend.js';
import { destinationKey, type Entry, type Observed, type ObservedTable, observed, serviceKey } from './table.js';

/** The table after the operations, in order. What they do not touch is shared with the table before. */
export function applied(table: ObservedTable, operations: readonly Operation[]): ObservedTable {
  const after = new Map(table);
  const own = new Map<string, Map<string, Observed>>();
  for (const operation of operations) {
    const key = serviceKey(operation.service);
    const entry = after.get(key);
    if (operation.type === 'delete-service') after.delete(key);
    else if (operation.type === 'add-service' || operation.type === 'edit-service') {
      after.set(key, { service: operation.service, destinations: entry?.destinations ?? new Map() });
    } else if (entry !== undefined) {
      // Copied once for all the operations on a service.
      const destinations = own.get(key) ?? new Map(entry.destinations);
      own.set(key, destinations);
      change(destinations, operation);
      after.set(key, { service: entry.service, destinations } satisfies Entry);
    }
  }
  return after;
}

function change(
  destinations: Map<string, Observed>,
  { type, destination }: Extract<Operation, { readonly destination: unknown }>,
): void {
  const key = destinationKey(destination);
  if (type === 'delete-destination') destinations.delete(key);
  else destinations.set(key, observed(destination, destinations.get(key)));
}
