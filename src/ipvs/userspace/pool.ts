/** The destinations of one service, and the choice among them. */

import { clientsOf } from '../netmask.js';
import { type Destination, destinationKey } from '../table.js';
import type { Counts } from './counts.js';
import type { Choice } from './lease.js';
import type { AddressedService } from './listener.js';
import { LiveDestination } from './live-destination.js';
import { Persistence, type StayShare } from './persistence.js';
import type { Client, Scheduler } from './schedulers/scheduler.js';

/** Where long work can be interrupted; with `waits` until other threads have had something to say. */
export type Pause = undefined | 'waits';

export class DestinationPool {
  #service: AddressedService;
  #scheduler: Scheduler<LiveDestination>;
  readonly #destinations = new Map<string, LiveDestination>();
  readonly #persistence: Persistence;
  /** Whether the scheduler has yet to hear of a change: told once before a choice, not once for each of a batch. */
  #stale = false;

  constructor(service: AddressedService, scheduler: Scheduler<LiveDestination>, maxStays: number, stays: StayShare) {
    this.#service = service;
    this.#scheduler = scheduler;
    this.#persistence = new Persistence(maxStays, stays);
    this.#inform();
  }

  get service(): AddressedService {
    return this.#service;
  }

  get destinations(): ReadonlyMap<string, LiveDestination> {
    return this.#destinations;
  }

  /** `scheduler` is a new one, or null where the edit leaves it and its place in the rotation as they are. */
  edit(service: AddressedService, scheduler: Scheduler<LiveDestination> | null): void {
    this.#service = service;
    if (!scheduler) return;
    this.#scheduler = scheduler;
    this.#inform();
  }

  add(destination: Destination, counts: Counts): void {
    const live = new LiveDestination(destination, this.#service.port, counts);
    this.#destinations.set(destinationKey(destination), live);
    this.#stale = true;
  }

  change(destination: Destination): void {
    this.#destinations.get(destinationKey(destination))?.edit(destination);
    this.#stale = true;
  }

  /** It is not chosen any more; what it holds is closed one after another. */
  *delete(key: string): Generator<Pause> {
    yield* this.#deleteAll([key]);
  }

  /** Who is to serve a new connection or flow of this client; null where no destination takes one. */
  choose(client: Client): Choice | null {
    const { persistent } = this.#service;
    if (persistent === 0) return this.#schedule(client);
    const place = clientsOf(client.address, this.#service);
    const stay = this.#persistence.find(place);
    if (stay) return { destination: stay.destination, stay };
    const scheduled = this.#schedule(client);
    return (
      scheduled && { ...scheduled, stay: this.#persistence.begin(place, scheduled.destination, persistent * 1000) }
    );
  }

  /** Closes every connection and flow, one after another. */
  *clear(): Generator<Pause> {
    this.#persistence.clear();
    yield* this.#deleteAll([...this.#destinations.keys()]);
  }

  *#deleteAll(keys: readonly string[]): Generator<Pause> {
    const leaving = keys.map((key) => this.#destinations.get(key)).filter((one) => one !== undefined);
    for (const key of keys) this.#destinations.delete(key);
    this.#stale = true;
    for (const destination of leaving) yield* destination.remove();
    while (!leaving.every(({ isEmpty }) => isEmpty)) yield 'waits';
  }

  #schedule(client: Client): Choice | null {
    if (this.#stale) this.#inform();
    const { address } = this.#service;
    const destination = this.#scheduler.choose(client, { address, now: performance.now() });
    return destination && { destination, stay: null };
  }

  #inform(): void {
    // The kernel puts a new destination at the head of its list.
    this.#scheduler.update([...this.#destinations.values()].reverse());
    this.#stale = false;
  }
}
