/** A table in memory, with the kernel's answers and no traffic: for dry runs and tests. */

import type { Backend, Failure, Operation, ReadOptions } from './backend.js';
import { capabilitiesOf } from './capabilities.js';
import { MemorySyncDaemons } from './memory-sync.js';
import { refusal } from './refusal.js';
import {
  destinationKey,
  type Entry,
  type Observed,
  type ObservedTable,
  observe,
  type Service,
  serviceKey,
} from './table.js';

interface Row {
  readonly service: Service;
  readonly destinations: Map<string, Observed>;
  /** How often the table had been read when it was made: what was read since belongs to whoever reads it as well. */
  readonly reads: number;
}

export class MemoryBackend implements Backend {
  readonly capabilities = capabilitiesOf('memory');
  readonly name = this.capabilities.name;
  readonly sync = new MemorySyncDaemons();
  readonly #rows = new Map<string, Row>();
  #reads = 0;
  #closed = false;

  /** What was read stays as it was: an entry that changes is another one, and the others are given as they are. */
  async read({ only }: ReadOptions = {}): Promise<ObservedTable> {
    this.#assertOpen();
    this.#reads += 1;
    const table = new Map<string, Entry<Observed>>();
    for (const key of only ?? this.#rows.keys()) {
      const row = this.#rows.get(key);
      if (row !== undefined) table.set(key, { service: row.service, destinations: row.destinations });
    }
    return table;
  }

  async apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    this.#assertOpen();
    return operations.map((operation) => {
      const refused = refusal(this.#rows, operation, this.capabilities);
      if (refused === null) this.#carryOut(operation);
      return refused;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #carryOut(operation: Operation): void {
    const key = serviceKey(operation.service);
    if (operation.type === 'add-service') {
      this.#rows.set(key, { service: operation.service, destinations: new Map(), reads: this.#reads });
      return;
    }
    const row = this.#rows.get(key);
    if (!row) return;
    if (operation.type === 'delete-service') this.#rows.delete(key);
    else if (operation.type === 'edit-service') this.#rows.set(key, { ...row, service: operation.service });
    else {
      const isOwn = row.reads === this.#reads;
      const destinations = isOwn ? row.destinations : new Map(row.destinations);
      if (!isOwn) this.#rows.set(key, { service: row.service, destinations, reads: this.#reads });
      const place = destinationKey(operation.destination);
      if (operation.type === 'delete-destination') destinations.delete(place);
      else destinations.set(place, observe(operation.destination, undefined));
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('memory backend: already closed');
  }
}
