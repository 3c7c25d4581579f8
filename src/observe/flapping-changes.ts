/** Changes of servers that flap: withheld, but for the last ones, which say how things are. */

import { FlappingKnown } from '../events/flapping.js';
import type { Event } from '../events.js';
import { subjectKey } from '../model/subject.js';

export interface Taken<T> {
  /** Whether the event is not to be told now. */
  readonly isWithheld: boolean;
  /** What is to be told before it: the server has settled. */
  readonly before: readonly T[];
}

const nothing = { isWithheld: false, before: [] } as const;

export class FlappingChanges<T> {
  readonly #known = new FlappingKnown();
  /** By server, and of each subject the last entry, in the order in which they came. */
  readonly #withheld = new Map<string, Map<string, T>>();

  /** `entry` is null where nothing would be told of the event anyway. */
  take(event: Event, subject: string | null, entry: T | null): Taken<T> {
    const key = this.#known.note(event);
    if (key === null) return event.type === 'server-settled' ? this.#settle(subjectKey(event)) : nothing;
    if (entry === null) return nothing;
    const last = this.#withheld.get(key) ?? new Map<string, T>();
    this.#withheld.set(key, last);
    const about = subject ?? event.type;
    last.delete(about);
    last.set(about, entry);
    return { isWithheld: true, before: [] };
  }

  /** Everything that was withheld and is not told yet. */
  end(): readonly T[] {
    const all = [...this.#withheld.values()].flatMap((last) => [...last.values()]);
    this.#withheld.clear();
    return all;
  }

  #settle(key: string): Taken<T> {
    const before = [...(this.#withheld.get(key)?.values() ?? [])];
    this.#withheld.delete(key);
    return { isWithheld: false, before };
  }
}
