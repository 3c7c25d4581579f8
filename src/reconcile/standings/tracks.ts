/** Which virtuals track which: what becomes of one can decide about others. */

import type { Config, Virtual } from '../../model/config.js';
import { isNamed } from '../../model/subject.js';

const nobody: readonly Virtual[] = [];

class Tracks {
  readonly #tracked = new Map<Virtual, readonly Virtual[]>();
  readonly #trackers = new Map<Virtual, Virtual[]>();
  /** Where some of those who track stand in the file. */
  readonly #places = new Map<Virtual, number>();
  readonly #hasCircle: boolean;

  constructor({ virtuals }: Config) {
    const named = new Map<string, readonly Virtual[]>();
    for (const virtual of virtuals) {
      const { track } = virtual;
      if (track === null) continue;
      const found = named.get(track) ?? virtuals.filter((one) => isNamed(one, track));
      named.set(track, found);
      this.#tracked.set(virtual, found);
      for (const one of found) {
        const others = this.#trackers.get(one);
        if (others) others.push(virtual);
        else this.#trackers.set(one, [virtual]);
      }
    }
    if (this.#tracked.size > 0) for (const [index, virtual] of virtuals.entries()) this.#places.set(virtual, index);
    this.#hasCircle = this.#findCircle();
  }

  /** Those that a virtual tracks. */
  trackedBy(virtual: Virtual): readonly Virtual[] {
    return this.#tracked.get(virtual) ?? nobody;
  }

  isTracked(virtual: Virtual): boolean {
    return this.#trackers.has(virtual);
  }

  /** Those that track one of these, in the order of the file. None in a circle, whose members are decided about together. */
  trackersOf(virtuals: readonly Virtual[]): readonly Virtual[] {
    if (virtuals.length === 0 || this.#hasCircle) return nobody;
    return this.#sorted(new Set(virtuals.flatMap((virtual) => this.#trackers.get(virtual) ?? [])));
  }

  /**
   * In the order of the file; where some track each other in a circle, with all who track one of these, however far: what
   * comes of a circle is a matter of where it is entered.
   */
  inOrder(virtuals: Iterable<Virtual>): readonly Virtual[] {
    const all = new Set(virtuals);
    if (this.#tracked.size === 0) return [...all];
    if (this.#hasCircle) {
      for (const virtual of all) for (const tracker of this.#trackers.get(virtual) ?? []) all.add(tracker);
    }
    return this.#sorted(all);
  }

  #sorted(virtuals: ReadonlySet<Virtual>): readonly Virtual[] {
    const placeOf = (virtual: Virtual): number => this.#places.get(virtual) ?? 0;
    return [...virtuals].sort((one, other) => placeOf(one) - placeOf(other));
  }

  /** Takes away who tracks nobody that is left, until nothing changes: what remains is in a circle, or leads to one. */
  #findCircle(): boolean {
    const open = new Map([...this.#tracked].map(([virtual, named]) => [virtual, new Set(named)]));
    const free = [...this.#trackers.keys()].filter((virtual) => !open.has(virtual));
    for (const [virtual, named] of open) if (named.size === 0) free.push(virtual);
    for (let virtual = free.pop(); virtual !== undefined; virtual = free.pop()) {
      open.delete(virtual);
      for (const tracker of this.#trackers.get(virtual) ?? []) {
        const named = open.get(tracker);
        if (named?.delete(virtual) && named.size === 0) free.push(tracker);
      }
    }
    return open.size > 0;
  }
}

const known = new WeakMap<Config, Tracks>();

/** Looked for once in a configuration. */
export function tracksOf(config: Config): Tracks {
  const found = known.get(config) ?? new Tracks(config);
  known.set(config, found);
  return found;
}
