/** What has happened of late: one more reader of the events. */

import type { CheckSums } from '../events/checking.js';
import { FlappingKnown } from '../events/flapping.js';
import type { Event, Listener } from '../events.js';
import type { Unwritten } from './model.js';

export interface Recorded {
  /** Counts from 1, from one run to the next. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: Event;
}

/** What is known of a run before. */
export interface Before {
  /** Null where there may have been more numbers than are known of. */
  readonly series: number | null;
  readonly last: number;
  readonly recent: readonly Recorded[];
}

/** Events that are kept; the oldest go. */
const kept = 1000;

export class Chronicle {
  readonly started = Date.now();
  readonly #recent: Recorded[] = [];
  readonly #followers = new Set<(recorded: Recorded) => void>();
  #last = 0;
  #series = this.started;
  #loaded = this.started;
  #rejected: string | null = null;
  readonly #unwritten = new Map<string, string>();
  #checks: CheckSums | null = null;
  readonly #flapping = new FlappingKnown();

  readonly listener: Listener = (event) => {
    const at = Date.now();
    this.#note(event, at);
    // Each change of servers that flap would push out everything else within a second.
    if (isRoutine(event) || this.#flapping.note(event) !== null) return;
    this.#last += 1;
    const recorded = { number: this.#last, at, event };
    this.#recent.push(recorded);
    // In one go now and then, since taking off the front costs as much as all that is kept.
    if (this.#recent.length >= 2 * kept) this.#recent.splice(0, kept);
    for (const follow of this.#followers) follow(recorded);
  };

  /** The number of the latest; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /**
   * When the numbers began, in milliseconds since 1970: with this run, or with one before, where all of that one is known
   * so that they go on without a break. Those of another series say nothing.
   */
  get series(): number {
    return this.#series;
  }

  /** Goes on from a run before. To be called before anything has happened. */
  resume({ series, last, recent }: Before): void {
    this.#recent.push(...recent.slice(-kept));
    this.#last = Math.max(last, recent.at(-1)?.number ?? 0);
    this.#series = series ?? this.started;
  }

  /** When the configuration that rules was taken over. */
  get loaded(): number {
    return this.#loaded;
  }

  get rejected(): string | null {
    return this.#rejected;
  }

  /** Logs and monitor files that cannot be written now. */
  get unwritten(): readonly Unwritten[] {
    return [...this.#unwritten].map(([place, reason]) => ({ place, reason }));
  }

  get checks(): CheckSums | null {
    return this.#checks;
  }

  /** Those after a number, the oldest first, as far back as they are kept. */
  recent(after = 0): readonly Recorded[] {
    return this.#recent.slice(-kept).filter(({ number }) => number > after);
  }

  /** Calls `follow` with everything that happens from now on; returns the function that ends that. */
  follow(follow: (recorded: Recorded) => void): () => void {
    this.#followers.add(follow);
    return () => this.#followers.delete(follow);
  }

  #note(event: Event, at: number): void {
    switch (event.type) {
      case 'config-loaded':
        this.#loaded = at;
        this.#rejected = null;
        break;
      case 'config-rejected':
        this.#rejected = event.reason;
        break;
      case 'log-failed':
        this.#unwritten.set(event.place, event.reason);
        break;
      case 'log-restored':
        this.#unwritten.delete(event.place);
        break;
      case 'checks-summed':
        this.#checks = event.sums;
        break;
      default:
    }
  }
}

/** One a result, and one a second, would push out everything else. */
function isRoutine({ type }: Event): boolean {
  return type === 'checked' || type === 'checks-summed' || type === 'table-kept';
}
