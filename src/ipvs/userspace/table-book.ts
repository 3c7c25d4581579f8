/** What the balancer's thread was told and has taken, so that the next one can be told it, and where each is counted. */

import type { Failure, Operation, ReadOptions } from '../backend.js';
import {
  type Destination,
  destinationKey,
  type Metered,
  type MeteredEntry,
  type MeteredTable,
  type Observed,
  type Service,
  serviceKey,
} from '../table.js';
import { type Counted, CountedPlaces, forgetHeld, statisticsAt, trafficAt } from './counted.js';
import type { Task } from './messages.js';

interface Line {
  service: Service;
  readonly place: Counted;
  readonly destinations: Map<string, DestinationLine>;
}

interface DestinationLine {
  settings: Destination;
  readonly place: Counted;
}

const none: readonly string[] = [];

export class TableBook {
  readonly #lines = new Map<string, Line>();
  readonly #places: CountedPlaces;

  /** Counted by so many threads. */
  constructor(threads: number) {
    this.#places = new CountedPlaces(threads);
  }

  /** `traffic` is with what passes through, `only` the services that are wanted. */
  read({ traffic: metered = false, only }: Pick<ReadOptions, 'traffic' | 'only'>): MeteredTable {
    const table = new Map<string, MeteredEntry>();
    for (const key of only ?? this.#lines.keys()) {
      const line = this.#lines.get(key);
      if (line === undefined) continue;
      const destinations = new Map<string, Observed & Metered>();
      for (const [name, one] of line.destinations) destinations.set(name, observed(one, metered));
      // Said where there is none, too: a table without a word for it is one that cannot.
      const service = { ...line.service, proxyProtocol: line.service.proxyProtocol ?? 'none' };
      table.set(key, metered ? { service, destinations, traffic: trafficAt(line.place) } : { service, destinations });
    }
    return table;
  }

  /** What it takes to carry the operation out; `take` is to be told what became of it. */
  taskFor(operation: Operation, room: (added: Service) => readonly string[]): Task {
    const { type, service } = operation;
    const adds = type === 'add-service' || type === 'add-destination';
    return {
      operation,
      place: adds ? this.#places.take() : null,
      room: type === 'add-service' ? room(service) : none,
    };
  }

  /** Takes note of what was carried out. */
  take(tasks: readonly Task[], outcomes: readonly (Failure | null)[]): void {
    for (const [index, { operation, place }] of tasks.entries()) {
      if (outcomes[index] === null) this.#note(operation, place);
      else if (place !== null) this.#places.give(place);
    }
  }

  /** What makes the whole table anew. */
  building(): Task[] {
    return [...this.#lines.values()].flatMap(({ service, place, destinations }) => [
      { operation: { type: 'add-service', service }, place, room: none } as const,
      ...[...destinations.values()].map(
        (one) =>
          ({
            operation: { type: 'add-destination', service, destination: one.settings },
            place: one.place,
            room: none,
          }) as const,
      ),
    ]);
  }

  /** What could not be made anew stands no more. */
  lose(operation: Operation): void {
    if (operation.type === 'add-service') this.#note({ type: 'delete-service', service: operation.service }, null);
    if (operation.type === 'add-destination') this.#note({ ...operation, type: 'delete-destination' }, null);
  }

  /** The thread is gone, with all connections. */
  forgetHeld(): void {
    for (const { place, destinations } of this.#lines.values()) {
      forgetHeld(place);
      for (const one of destinations.values()) forgetHeld(one.place);
    }
  }

  #note(operation: Operation, place: Counted | null): void {
    const key = serviceKey(operation.service);
    if (operation.type === 'add-service') {
      if (place !== null) this.#lines.set(key, { service: operation.service, place, destinations: new Map() });
      return;
    }
    const line = this.#lines.get(key);
    if (line === undefined) return;
    switch (operation.type) {
      case 'edit-service':
        line.service = operation.service;
        break;
      case 'delete-service':
        this.#lines.delete(key);
        for (const one of [line, ...line.destinations.values()]) this.#places.give(one.place);
        break;
      case 'add-destination':
      case 'edit-destination':
        this.#put(line, operation.destination, place);
        break;
      case 'delete-destination': {
        const name = destinationKey(operation.destination);
        const one = line.destinations.get(name);
        line.destinations.delete(name);
        if (one !== undefined) this.#places.give(one.place);
      }
    }
  }

  #put({ destinations }: Line, settings: Destination, place: Counted | null): void {
    const name = destinationKey(settings);
    const standing = destinations.get(name);
    if (standing !== undefined) standing.settings = settings;
    else if (place !== null) destinations.set(name, { settings, place });
  }
}

/** Written out, as in `observe` of the table: there may be tens of thousands. */
function observed({ settings, place }: DestinationLine, metered: boolean): Observed & Metered {
  const { address, port, forward, weight, upperThreshold, lowerThreshold, tunnel } = settings;
  const { activeConnections, inactiveConnections } = statisticsAt(place);
  const plain = {
    address,
    port,
    forward,
    weight,
    upperThreshold,
    lowerThreshold,
    activeConnections,
    inactiveConnections,
  };
  const known = tunnel === undefined ? plain : { ...plain, tunnel };
  return metered ? { ...known, traffic: trafficAt(place) } : known;
}
