/** A destination at work: its settings, and the connections and flows that it holds. */

import type { Destination } from '../table.js';
import type { Counts } from './counts.js';
import type { Lease } from './lease.js';
import type { Candidate } from './schedulers/scheduler.js';
import { encodeAddress } from './socket-address.js';

export class LiveDestination implements Candidate {
  #settings: Destination;
  readonly #servicePort: number;
  readonly counts: Counts;
  /** As the kernel takes it. */
  readonly socketAddress: Uint8Array;
  readonly #leases = new Set<Lease>();
  #active = 0;
  #overloaded = false;
  #removed = false;
  #weightBefore = 0;

  /** `servicePort` is the destination's port where it names none (port 0), as in the kernel. */
  constructor(settings: Destination, servicePort: number, counts: Counts) {
    this.#settings = settings;
    this.#servicePort = servicePort;
    this.counts = counts;
    this.socketAddress = encodeAddress(this.address, this.port);
  }

  get address(): string {
    return this.#settings.address;
  }

  get port(): number {
    return this.#settings.port || this.#servicePort;
  }

  get weight(): number {
    return this.#settings.weight;
  }

  get lastWeight(): number {
    return this.weight || this.#weightBefore;
  }

  get overloaded(): boolean {
    return this.#overloaded;
  }

  get activeConnections(): number {
    return this.#active;
  }

  get inactiveConnections(): number {
    return this.#leases.size - this.#active;
  }

  /** Whether it has left the table; what still refers to it is to forget it. */
  get removed(): boolean {
    return this.#removed;
  }

  edit(settings: Destination): void {
    const { upperThreshold } = this.#settings;
    this.#weightBefore = this.lastWeight;
    this.#settings = settings;
    // As the kernel: a bound that was lifted or raised opens the destination at once, any other edit leaves it.
    if (settings.upperThreshold === 0 || settings.upperThreshold > upperThreshold) this.#overloaded = false;
  }

  enter(lease: Lease, active: boolean): void {
    this.#leases.add(lease);
    if (active) this.#active++;
    const { upperThreshold } = this.#settings;
    if (upperThreshold > 0 && this.#leases.size >= upperThreshold) this.#overloaded = true;
    this.#count();
  }

  /** One of its active connections counts as inactive from now on. */
  deactivate(): void {
    this.#active--;
    this.#count();
  }

  leave(lease: Lease, active: boolean): void {
    this.#leases.delete(lease);
    if (active) this.#active--;
    const { upperThreshold, lowerThreshold } = this.#settings;
    // Without a lower threshold the kernel waits until a quarter of the connections has gone.
    const calm = lowerThreshold > 0 ? this.#leases.size < lowerThreshold : this.#leases.size * 4 < upperThreshold * 3;
    if (calm || upperThreshold === 0) this.#overloaded = false;
    this.#count();
  }

  /** Whether nothing is held any more; what other threads carry is closed a moment after its lease was revoked. */
  get isEmpty(): boolean {
    return this.#leases.size === 0;
  }

  /** Leaves the table; what it holds is to be closed, one after another. */
  *remove(): Generator<undefined> {
    this.#removed = true;
    for (const lease of [...this.#leases]) {
      lease.revoke();
      yield undefined;
    }
  }

  #count(): void {
    this.counts.hold(this.activeConnections, this.inactiveConnections);
  }
}
