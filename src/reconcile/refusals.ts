/** What the backend refuses: each is tried again by a clock of its own, and holds up nothing else. */

import type { Failure, Operation } from '../ipvs/backend.js';
import { type Place, placeOf } from '../ipvs/place.js';
import type { ObservedTable } from '../ipvs/table.js';
import type { Desired } from './desired.js';
import { type Held, HeldBack, pauseAfter } from './held-back.js';

/** Which destinations take no traffic, since the table does not take them as they are wanted. */
export interface Unserved {
  /** Whether there is any. */
  readonly some: boolean;
  /** By the keys of a service and of a destination in it. */
  has(service: string, destination: string): boolean;
  /** Keys of services in which there are others than when this was last asked. */
  takeChanged(): ReadonlySet<string>;
}

const noKeys: ReadonlySet<string> = new Set();
export const allServed: Unserved = { some: false, has: () => false, takeChanged: () => noKeys };

interface Refusal extends Held {
  readonly failure: Failure;
  /** Whether what stands instead takes no traffic. */
  readonly unserved: boolean;
}

export class Refusals implements Unserved {
  readonly #firstPause: number;
  readonly #refused = new HeldBack<Refusal>();
  #unserved = 0;
  #version = 0;
  #changed = new Set<string>();

  /** Milliseconds before the first further try. */
  constructor(firstPause: number) {
    this.#firstPause = firstPause;
  }

  get some(): boolean {
    return this.#unserved > 0;
  }

  /** Another number whenever others take no traffic than before. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#refused.size;
  }

  takeChanged(): ReadonlySet<string> {
    if (this.#changed.size === 0) return noKeys;
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  has(service: string, destination: string): boolean {
    if (this.#unserved === 0) return false;
    const { unserved = false } = this.#refused.at(service, null) ?? {};
    return unserved || (this.#refused.at(service, destination)?.unserved ?? false);
  }

  /** Why an entry does not stand as it is wanted; null where it was not refused. A destination's own alone. */
  failureAt({ service, destination }: Place): Failure | null {
    return this.#refused.at(service, destination)?.failure ?? null;
  }

  waits(operation: Operation, now: number): boolean {
    return this.#refused.waits(operation, now);
  }

  /** When it is tried again, in milliseconds of performance.now(); null where it was not refused. */
  dueOf(operation: Operation): number | null {
    return this.#refused.get(operation)?.due ?? null;
  }

  /** Takes note; returns whether it is something new. `standing` is the destination's weight until now, if it stands. */
  add(operation: Operation, failure: Failure, standing: number | undefined): boolean {
    const before = this.#refused.get(operation);
    const isNew = before === undefined || !isSame(before, operation, failure);
    const times = isNew ? 1 : before.times + 1;
    const due = performance.now() + pauseAfter(times, this.#firstPause);
    this.#replace(before, { operation, failure, times, due, unserved: isUnserved(operation, standing) });
    return isNew;
  }

  /** It was carried out, or is no longer refused for another reason. */
  clear(operation: Operation): void {
    if (this.#refused.size === 0) return;
    const before = this.#refused.get(operation);
    if (before !== undefined) this.#drop(before);
  }

  /**
   * Nothing more is known of what the file no longer names, or of what was to go and is gone. What is not wanted now
   * but may be again stays: its return would be refused like the time before.
   */
  forget(wanted: Desired, table: ObservedTable): void {
    for (const held of [...this.#refused.values()]) {
      const { operation } = held;
      const { service, destination } = placeOf(operation);
      const goes = operation.type.startsWith('delete-');
      const names = goes ? table.get(service)?.destinations : wanted.get(service)?.named;
      if (names === undefined || (destination !== null && !names.has(destination))) this.#drop(held);
    }
  }

  #replace(before: Refusal | undefined, held: Refusal): void {
    this.#refused.set(held);
    this.#count(held, before?.unserved ?? false, held.unserved);
  }

  #drop(held: Refusal): void {
    this.#refused.delete(held.operation);
    this.#count(held, held.unserved, false);
  }

  #count({ operation }: Refusal, before: boolean, now: boolean): void {
    if (before === now) return;
    this.#changed.add(placeOf(operation).service);
    this.#unserved += now ? 1 : -1;
    this.#version += 1;
  }
}

function isSame(before: Refusal, { type }: Operation, { code, message }: Failure): boolean {
  return before.operation.type === type && before.failure.code === code && before.failure.message === message;
}

function isUnserved({ type }: Operation, standing: number | undefined): boolean {
  return type === 'add-service' || type === 'add-destination' || (type === 'edit-destination' && standing === 0);
}
