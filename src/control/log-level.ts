/** The level of the log as asked for by hand, for a time. */

import type { EventBus } from '../events.js';
import type { LogLevel } from './director.js';

/** Milliseconds; a timer of Node's takes no more than 31 bits. */
const longestTimer = 2 ** 31 - 1;

export class LogLevelByHand {
  readonly #set: (level: LogLevel | null) => void;
  readonly #bus: EventBus;
  #end: NodeJS.Timeout | null = null;

  /** `set` gets null where the level is that of the settings. */
  constructor(set: (level: LogLevel | null) => void, bus: EventBus) {
    this.#set = set;
    this.#bus = bus;
  }

  /** `until` in milliseconds since 1970, null for good. */
  set(level: LogLevel | null, until: number | null): void {
    this.close();
    this.#set(level);
    this.#bus.publish({ type: 'log-level-set', level, until });
    if (level === null || until === null) return;
    const wait = Math.min(Math.max(until - Date.now(), 0), longestTimer);
    this.#end = setTimeout(() => this.set(null, null), wait).unref();
  }

  close(): void {
    if (this.#end) clearTimeout(this.#end);
  }
}
