/** A table as it was read, and as operations that went well have made it since. */

import type { Operation } from './backend.js';
import type { Place } from './place.js';
import { type Entry, type Observed, type ObservedTable, observe } from './table.js';

export class Replica {
  readonly #table: Map<string, Entry<Observed>>;
  /** Services whose destinations have been copied: what was read belongs to whoever reads it as well. */
  readonly #own = new Map<string, Map<string, Observed>>();

  constructor(read: ObservedTable) {
    this.#table = new Map(read);
  }

  /** As it is now, and goes on changing. */
  get table(): ObservedTable {
    return this.#table;
  }

  /** Takes note of an operation that was carried out, at its place. */
  take(operation: Operation, { service: key, destination }: Place): void {
    const entry = this.#table.get(key);
    if (operation.type === 'delete-service') {
      this.#table.delete(key);
      this.#own.delete(key);
    } else if (operation.type === 'add-service' || operation.type === 'edit-service') {
      this.#table.set(key, { service: operation.service, destinations: entry?.destinations ?? new Map() });
    } else if (entry !== undefined && destination !== null) {
      const destinations = this.#own.get(key) ?? new Map(entry.destinations);
      this.#own.set(key, destinations);
      change(destinations, destination, operation);
      // Another entry each time, so that one that is still the same is known not to have changed.
      this.#table.set(key, { service: entry.service, destinations });
    }
  }
}

function change(
  destinations: Map<string, Observed>,
  key: string,
  { type, destination }: Extract<Operation, { readonly destination: unknown }>,
): void {
  if (type === 'delete-destination') destinations.delete(key);
  else destinations.set(key, observe(destination, destinations.get(key)));
}
