/** Operations that are not tried at every occasion, each with a clock of its own. */

import type { Operation } from '../ipvs/backend.js';
import { type Place, placeOf } from '../ipvs/place.js';
import { sameDestination, sameService } from '../ipvs/table.js';

export interface Held {
  /** The last one that asked. */
  readonly operation: Operation;
  /** How often in a row it was held back. */
  readonly times: number;
  /** Milliseconds of performance.now(). */
  readonly due: number;
}

/** Milliseconds. */
const longestPause = 60_000;

/** By what they are about: one for a service, and one for each destination. */
export class HeldBack<H extends Held = Held> {
  readonly #held = new Map<string, H>();

  get size(): number {
    return this.#held.size;
  }

  values(): Iterable<H> {
    return this.#held.values();
  }

  get(operation: Operation): H | undefined {
    return this.#held.get(nameAt(placeOf(operation)));
  }

  at(service: string, destination: string | null): H | undefined {
    return this.#held.get(nameAt({ service, destination }));
  }

  set(held: H): void {
    this.#held.set(nameAt(placeOf(held.operation)), held);
  }

  delete(operation: Operation): boolean {
    return this.#held.delete(nameAt(placeOf(operation)));
  }

  /** Whether just this was asked before and is not to be asked again yet. */
  waits(operation: Operation, now: number): boolean {
    if (this.#held.size === 0) return false;
    const held = this.get(operation);
    return held !== undefined && now < held.due && asksTheSame(held.operation, operation);
  }
}

/** Milliseconds until the next try: doubled each time, up to a minute. */
export function pauseAfter(times: number, first: number): number {
  return Math.min(first * 2 ** Math.min(times - 1, 16), longestPause);
}

/** Whether two operations about one thing do the same: an entry that has gone meanwhile makes an edit another matter. */
function asksTheSame(a: Operation, b: Operation): boolean {
  if (a.type === 'add-service' || a.type === 'edit-service') {
    return b.type === a.type && sameService(a.service, b.service) && sameService(b.service, a.service);
  }
  if (a.type === 'add-destination' || a.type === 'edit-destination') {
    return b.type === a.type && sameDestination(a.destination, b.destination);
  }
  return a.type === b.type;
}

function nameAt({ service, destination }: Place): string {
  return destination === null ? service : `${service} ${destination}`;
}
