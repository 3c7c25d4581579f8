/** The level of the log as asked for by hand, for a time. */

import type { Publish } from '../events.js';
import type { LogLevel } from './director.js';

/** Milliseconds; a timer of Node's takes no more than 31 bits. */
const longestWait = 3_600_000;

export class LogLevelByHand {
  readonly #set: (level: LogLevel | null) => void;
  readonly #publish: Publish;
  #end: NodeJS.Timeout | null = null;

  /** `set` gets null where the level is that of the settings. */
  constructor(set: (level: LogLevel | null) => void, publish: Publish) {
    this.#set = set;
    this.#publish = publish;
  }

  /** `until` in milliseconds since 1970, null for good. */
  set(level: LogLevel | null, until: number | null): void {
    this.close();
    this.#set(level);
    this.#publish({ type: 'log-level-set', level, until });
    if (level === null || until === null) return;
    this.#awaitEnd(until);
  }

  /** A clock that is set meanwhile is met at the next look. */
  #awaitEnd(until: number): void {
    const left = until - Date.now();
    if (left <= 0) this.set(null, null);
    else this.#end = setTimeout(() => this.#awaitEnd(until), Math.min(left, longestWait)).unref();
  }

  close(): void {
    if (this.#end) clearTimeout(this.#end);
  }
}
