/** A table in memory, with the kernel's answers and no traffic: for dry runs and tests. */

import type { Backend, Failure, Operation } from './backend.js';
import { capabilitiesOf } from './capabilities.js';
import { MemorySyncDaemons } from './memory-sync.js';
import { refusal } from './refusal.js';
import { destinationKey, type Observed, type ObservedTable, observe, type Service, serviceKey } from './table.js';

interface Row {
  service: Service;
  readonly destinations: Map<string, Observed>;
}

export class MemoryBackend implements Backend {
  readonly capabilities = capabilitiesOf('memory');
  readonly name = this.capabilities.name;
  readonly sync = new MemorySyncDaemons();
  readonly #rows = new Map<string, Row>();
  #closed = false;

  async read(): Promise<ObservedTable> {
    this.#assertOpen();
    return new Map(
      [...this.#rows].map(([key, { service, destinations }]) => [
        key,
        { service, destinations: new Map(destinations) },
      ]),
    );
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
      this.#rows.set(key, { service: operation.service, destinations: new Map() });
      return;
    }
    const row = this.#rows.get(key);
    if (!row) return;
    switch (operation.type) {
      case 'edit-service':
        row.service = operation.service;
        break;
      case 'delete-service':
        this.#rows.delete(key);
        break;
      case 'add-destination':
      case 'edit-destination':
        row.destinations.set(destinationKey(operation.destination), observe(operation.destination, undefined));
        break;
      case 'delete-destination':
        row.destinations.delete(destinationKey(operation.destination));
        break;
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('memory backend: already closed');
  }
}
