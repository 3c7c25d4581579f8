/** Servers that stay down, and when to say so again. */

import type { Event } from '../events.js';
import { type Subject, subjectKey } from '../model/subject.js';

export interface Rule {
  /** Milliseconds from one reminder of a server to the next; 0 is never. */
  readonly every: (who: Subject) => number;
  /** What servers have in common that can be told together. */
  readonly together: (who: Subject) => string;
}

/** A reminder goes along with another one where it would follow within so much of its time. */
const along = 0.1;

export class Reminders {
  readonly #down = new Map<string, { readonly who: Subject; told: number }>();
  readonly #held = new Map<string, Subject>();

  /** Takes note of an event at `now`, in milliseconds of any clock that does not jump. */
  note(event: Event, now: number): void {
    switch (event.type) {
      case 'server-down':
      case 'fallback-down':
        this.#down.set(subjectKey(event), { who: whoOf(event), told: now });
        break;
      case 'server-up':
      case 'fallback-up':
        this.#down.delete(subjectKey(event));
        break;
      case 'maintenance-began':
        this.#held.set(subjectKey(event), whoOf(event));
        break;
      case 'maintenance-ended':
        this.#held.delete(subjectKey(event));
        break;
      default:
    }
  }

  /** Forgets servers that the configuration no longer names. */
  keep(isNamed: (who: Subject) => boolean): void {
    for (const [key, { who }] of this.#down) if (!isNamed(who)) this.#down.delete(key);
    for (const [key, who] of this.#held) if (!isNamed(who)) this.#held.delete(key);
  }

  /** Servers that are to be told again. Those that went down one after another are told together from then on. */
  due(now: number, { every, together }: Rule): Subject[] {
    const soon = [...this.#down].flatMap(([key, entry]) => {
      const frequency = every(entry.who);
      const left = frequency - (now - entry.told);
      return frequency === 0 || left > frequency * along || this.#held.has(key) ? [] : [{ entry, isDue: left <= 0 }];
    });
    const groups = new Set(soon.filter(({ isDue }) => isDue).map(({ entry }) => together(entry.who)));
    if (groups.size === 0) return [];
    const found = soon.filter(({ entry }) => groups.has(together(entry.who)));
    for (const { entry } of found) entry.told = now;
    return found.map(({ entry }) => entry.who);
  }

  get down(): Subject[] {
    return [...this.#down.values()].map(({ who }) => who);
  }
}

/** Without what else the event says: it is kept. */
function whoOf({ family, protocol, virtual, server, role, inFile }: Subject): Subject {
  return { family, protocol, virtual, server, ...(role && { role }), ...(inFile && { inFile }) };
}
