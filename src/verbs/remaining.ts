/** What a drain still waits for, from one look at a director after another. */

import { type Subject, subjectKey } from '../model/subject.js';
import { type Left, leftOf, nothingLeft, plus, sum } from '../status/left.js';
import type { Status } from '../status/model.js';
import { countText } from '../terminal/figures.js';
import { placeText } from '../terminal/place.js';

export interface Look {
  /** Of all places together. */
  readonly left: Left;
  /** What is counted, in a word; null where none of the places is in the table. */
  readonly noun: string | null;
  /** Subjects that still have a weight: what was asked for is not in the table yet. */
  readonly open: readonly string[];
  /** Subjects that are not in the table, and were not when anything was left. */
  readonly gone: readonly string[];
  /** Subjects that went out of the table, with what was left at the look before. */
  readonly lost: readonly string[];
}

export class Remaining {
  readonly #places: ReadonlyMap<string, Subject>;
  /** Of the look before, by place. */
  #before = new Map<string, Left>();
  readonly #lost = new Map<string, string>();

  constructor(places: readonly Subject[]) {
    this.#places = new Map(places.map((place) => [subjectKey(place), place]));
  }

  at({ virtuals }: Status): Look {
    const found = new Map<string, Left>();
    const open: string[] = [];
    let [isTcp, persists] = [true, false];
    for (const virtual of virtuals) {
      for (const server of virtual.servers) {
        const key = subjectKey({ ...virtual, virtual: virtual.name, server: server.name });
        const place = this.#places.get(key);
        if (place === undefined || server.weight === null || found.has(key)) continue;
        found.set(key, leftOf(virtual, server));
        if (server.weight > 0) open.push(placeText(place));
        isTcp &&= virtual.protocol === 'tcp';
        persists ||= virtual.persists;
      }
    }
    const gone: string[] = [];
    for (const [key, place] of this.#places) {
      if (found.has(key)) continue;
      const before = this.#before.get(key) ?? nothingLeft;
      if (sum(before) > 0) this.#lost.set(key, `${placeText(place)} with ${leftText(before)} left`);
      if (!this.#lost.has(key)) gone.push(placeText(place));
    }
    this.#before = found;
    const left = [...found.values()].reduce(plus, nothingLeft);
    const noun = `${isTcp ? 'active ' : ''}connection${persists ? ' or persistent client' : ''}`;
    return { left, noun: found.size === 0 ? null : noun, open, gone, lost: [...this.#lost.values()] };
  }
}

/** `2 active connections, 1 persistent client`. */
export function leftText({ active, inactive, clients }: Left): string {
  const parts = [
    [active, 'active connection'],
    [inactive, 'inactive connection'],
    [clients, 'persistent client'],
  ] as const;
  return parts
    .filter(([number]) => number > 0)
    .map(([number, noun]) => countText(number, noun))
    .join(', ');
}
