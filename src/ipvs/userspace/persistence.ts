/** Which destination a client network stays with (ipvsadm -p, the kernel's connection templates). */

import type { LiveDestination } from './live-destination.js';

/**
 * One client network's stay. It ends when its last connection has been gone, and no new one has come, for the
 * timeout of the service.
 */
export class Stay {
  readonly destination: LiveDestination;
  readonly #timeout: number;
  #leases = 0;
  #seen: number;

  constructor(destination: LiveDestination, timeout: number, now: number) {
    this.destination = destination;
    this.#timeout = timeout;
    this.#seen = now;
  }

  enter(): void {
    this.#leases++;
    this.#seen = performance.now();
  }

  leave(): void {
    this.#leases--;
    this.#seen = performance.now();
  }

  over(now: number): boolean {
    return this.destination.removed || (this.#leases === 0 && now - this.#seen >= this.#timeout);
  }
}

/** How many of the oldest stays are looked at when a new one comes: more than one, so that dead ones do not pile up. */
const SWEEP = 4;

/** The stays of all services together: they are in the memory of one thread. */
export class StayShare {
  readonly #bound: number;
  #taken = 0;

  constructor(bound: number) {
    this.#bound = bound;
  }

  get hasRoom(): boolean {
    return this.#taken < this.#bound;
  }

  take(): void {
    this.#taken += 1;
  }

  give(count: number): void {
    this.#taken -= count;
  }
}

export class Persistence {
  readonly #limit: number;
  readonly #share: StayShare;
  /** In the order in which the networks were last seen. */
  readonly #stays = new Map<string, Stay>();

  constructor(limit: number, share: StayShare) {
    this.#limit = limit;
    this.#share = share;
  }

  /**
   * The stay of this client network, null where there is none that may go on. Weight 0 ends it, as with the
   * kernel's expire_quiescent_template=1: a server that was taken out gets no new connections from anybody.
   * A threshold does not, as in the kernel: who has a session on the server comes in.
   */
  find(network: string): Stay | null {
    const stay = this.#stays.get(network);
    if (!stay) return null;
    this.#stays.delete(network);
    if (stay.over(performance.now()) || stay.destination.weight === 0) {
      this.#share.give(1);
      return null;
    }
    this.#stays.set(network, stay);
    return stay;
  }

  /** `timeout` in milliseconds. */
  begin(network: string, destination: LiveDestination, timeout: number): Stay {
    this.#sweep();
    const stay = new Stay(destination, timeout, performance.now());
    if (!this.#stays.has(network)) this.#share.take();
    this.#stays.set(network, stay);
    return stay;
  }

  /** The service is gone. */
  clear(): void {
    this.#share.give(this.#stays.size);
    this.#stays.clear();
  }

  #sweep(): void {
    const now = performance.now();
    let looked = 0;
    for (const [network, stay] of this.#stays) {
      const isFull = this.#stays.size >= this.#limit || !this.#share.hasRoom;
      if (!isFull && looked++ >= SWEEP) break;
      if (!isFull && !stay.over(now)) continue;
      this.#stays.delete(network);
      this.#share.give(1);
    }
  }
}
