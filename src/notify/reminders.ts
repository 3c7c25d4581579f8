/** Servers that stay down, and when to say so again. */

import type { Event } from '../events.js';
import { subjectKey } from './virtuals.js';

export interface Down {
  readonly virtual: string;
  readonly server: string;
  readonly protocol: string;
}

export class Reminders {
  readonly #down = new Map<string, { readonly who: Down; told: number }>();
  readonly #held = new Set<string>();

  /** Takes note of an event at `now`, in milliseconds of any clock that does not jump. */
  note(event: Event, now: number): void {
    switch (event.type) {
      case 'server-down': {
        const { virtual, server, protocol } = event;
        this.#down.set(subjectKey(event), { who: { virtual, server, protocol }, told: now });
        break;
      }
      case 'server-up':
        this.#down.delete(subjectKey(event));
        break;
      case 'maintenance-began':
        this.#held.add(subjectKey(event));
        break;
      case 'maintenance-ended':
        this.#held.delete(subjectKey(event));
        break;
      default:
    }
  }

  /** Forgets servers that the configuration no longer names. */
  keep(isNamed: (who: Down) => boolean): void {
    for (const [key, { who }] of this.#down) {
      if (isNamed(who)) continue;
      this.#down.delete(key);
      this.#held.delete(key);
    }
  }

  /** Servers that are down for longer than `frequency` milliseconds since they were last told; 0 is never. */
  due(now: number, frequency: (who: Down) => number): Down[] {
    const found: Down[] = [];
    for (const [key, entry] of this.#down) {
      const every = frequency(entry.who);
      if (every === 0 || now - entry.told < every || this.#held.has(key)) continue;
      entry.told = now;
      found.push(entry.who);
    }
    return found;
  }

  get down(): Down[] {
    return [...this.#down.values()].map(({ who }) => who);
  }
}
