/**
 * A worker in this thread, for a few checks that never keep it busy: a thread of its own would take some megabytes. What
 * turns out to need one has the pool begin with threads.
 */

import { confine } from '../probes/confinement.js';
import { releaseKept } from '../probes/release.js';
import { type Doing, newDoing, suspectsIn } from './doing.js';
import type { Order, Report, WorkerLimits } from './messages.js';
import type { Runner, RunnerOptions } from './thread.js';
import { work } from './worker.js';

export interface SameThreadOptions extends RunnerOptions {
  readonly limits: WorkerLimits;
  readonly tallies: SharedArrayBuffer;
  /** A check is to have a thread of its own. */
  readonly onNeed: () => void;
}

/** What checks keep in this thread is let go of with the last. */
let count = 0;

export class SameThread implements Runner {
  readonly #options: SameThreadOptions;
  readonly #doing: Doing = newDoing();
  readonly #obey: (order: Order) => void;
  readonly #free: () => void;
  readonly #closed: Promise<void>;
  #ended = false;
  #failed = false;

  constructor(options: SameThreadOptions) {
    const { limits, tallies, onNeed } = options;
    this.#options = options;
    count += 1;
    this.#free = confine({ onNeed, onFault: (error) => this.#fail(error) });
    let onClosed = (): void => {};
    this.#closed = new Promise((resolve) => {
      onClosed = resolve;
    });
    const tell = (report: Report): void => queueMicrotask(() => this.#hear(report));
    this.#obey = work({ tell, release: letGo, onClosed }, { limits, doing: this.#doing, tallies });
  }

  tell(order: Order): void {
    if (!this.#ended) this.#obey(order);
  }

  /** Where this thread looks it is alive. */
  look(): void {}

  excuse(): void {}

  takeShare(): number {
    return 0;
  }

  get underWay(): ReadonlySet<number> {
    return suspectsIn(this.#doing);
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    this.#end();
    await this.#closed;
  }

  #end(): void {
    this.#ended = true;
    this.#free();
    this.#obey({ type: 'close' });
  }

  /** What came before the end is told, too. */
  #hear(report: Report): void {
    if (!this.#failed) this.#options.onReport(report);
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    const { underWay } = this;
    this.#failed = true;
    this.#end();
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.onFailure({ reason, hung: false, underWay });
  }
}

async function letGo(): Promise<void> {
  count -= 1;
  if (count === 0) await releaseKept();
}
