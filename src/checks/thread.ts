/** A worker thread as the main thread sees it: it answers, or it is given up. */

import { once } from 'node:events';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { killHeld, newHeldProcesses } from '../probes/programs/held-processes.js';
import { monotonic } from '../system/clock.js';
import { closeHeld, newHeldDescriptors } from '../system/held-descriptors.js';
import { newDoing, suspectsIn } from './doing.js';
import type { Beginning, Order, Report, WorkerLimits } from './messages.js';

export interface RunnerOptions {
  readonly onReport: (report: Report) => void;
  /** It has ended, or cannot go on; it says nothing any more. */
  readonly onFailure: (failure: ThreadFailure) => void;
}

/** Where a worker runs. */
export interface Runner {
  tell(order: Order): void;
  look(now: number): void;
  excuse(now: number): void;
  /** The share of its time that it was busy since the last call, 0 to 1; 0 where nobody knows. */
  takeShare(): number;
  /** The checks, by number, that it has under way. */
  readonly underWay: ReadonlySet<number>;
  close(): Promise<void>;
}

export interface ThreadOptions extends RunnerOptions {
  /** What runs in it. */
  readonly entry: URL;
  readonly limits: WorkerLimits;
  /** Of `Tallies`. */
  readonly tallies: SharedArrayBuffer;
  /** Milliseconds without a sign of life, once it has given one. */
  readonly patience: number;
}

export interface ThreadFailure {
  readonly reason: string;
  /** Whether it gave no sign of life; otherwise it ended. */
  readonly hung: boolean;
  /** The checks, by number, that it had under way. */
  readonly underWay: ReadonlySet<number>;
}

/** Milliseconds until the first sign of life: a worker that begins has its code to load, on a machine that may be slow. */
const beginning = 30_000;
/** Checks are soon forgotten: a larger young part of the heap makes them no cheaper, and takes its room for good. */
const resourceLimits = { maxYoungGenerationSizeMb: 6 };
/** Milliseconds for a worker to let go of its sockets. */
const closeDeadline = 3_000;

export class Thread implements Runner {
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  readonly #processes = newHeldProcesses();
  readonly #descriptors = newHeldDescriptors();
  readonly #doing = newDoing();
  #heard: number | null = null;
  #began = monotonic();
  #utilization: EventLoopUtilization | undefined;
  #ended = false;

  /** Throws where the machine has no room for another thread. */
  constructor(options: ThreadOptions) {
    this.#options = options;
    const workerData: Beginning = {
      limits: options.limits,
      doing: this.#doing,
      processes: this.#processes,
      descriptors: this.#descriptors,
      tallies: options.tallies,
    };
    // What libraries print there at the will of a server would end up on the standard error of this process.
    const streams = { stdout: true, stderr: true };
    this.#worker = new Worker(options.entry, { workerData, name: 'checks', resourceLimits, ...streams });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) stream.on('error', () => {}).resume();
    this.#worker.on('message', (report: Report) => this.#hear(report));
    this.#worker.on('error', (error: Error) => this.#fail(error.stack ?? error.message));
    this.#worker.on('messageerror', (error) => this.#fail(`a message that cannot be read: ${error.message}`));
    this.#worker.on('exit', (code) => {
      closeHeld(this.#descriptors);
      this.#fail(`it ended with code ${code}`);
    });
  }

  tell(order: Order): void {
    if (!this.#ended) this.#worker.postMessage(order);
  }

  /** Gives the worker up where it has not been heard of for too long. */
  look(now: number): void {
    const silent = now - (this.#heard ?? this.#began);
    const allowed = this.#heard === null ? beginning : this.#options.patience;
    if (silent > allowed) this.#fail(`no sign of life for ${(silent / 1000).toFixed(1)} s`, true);
  }

  /** The listener was away itself, and knows nothing about who was silent. */
  excuse(now: number): void {
    if (this.#heard === null) this.#began = now;
    else this.#heard = now;
  }

  takeShare(): number {
    const { performance } = this.#worker;
    const before = this.#utilization;
    this.#utilization = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(this.#utilization, before).utilization;
  }

  get underWay(): ReadonlySet<number> {
    return suspectsIn(this.#doing);
  }

  /** Lets the worker end by itself, for some seconds at most. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.tell({ type: 'close' });
    this.#ended = true;
    const signal = AbortSignal.timeout(closeDeadline);
    await once(this.#worker, 'exit', { signal }).catch(() => this.#worker.terminate());
    await killHeld(this.#processes);
  }

  #hear(report: Report): void {
    if (this.#ended) return;
    this.#heard = monotonic();
    this.#options.onReport(report);
  }

  #fail(reason: string, hung = false): void {
    if (this.#ended) return;
    this.#ended = true;
    // Not waited for: a thread that is stuck in native code never ends.
    void this.#worker.terminate();
    void killHeld(this.#processes);
    this.#options.onFailure({ reason, hung, underWay: suspectsIn(this.#doing) });
  }
}
