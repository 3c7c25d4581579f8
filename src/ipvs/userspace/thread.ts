/** One of the balancer's threads as the main thread sees it: it lives, or it is given up. */

import { once } from 'node:events';
import { type MessagePort, Worker } from 'node:worker_threads';
import { type HeldDescriptors, heldIn, newHeldDescriptors } from '../../system/held-descriptors.js';
import { close, systemError } from '../../system/libc.js';
import { newWaker, resetAtClose, wake } from '../../system/libc-serving.js';
import type { Limits } from './limits.js';
import { type Beginning, endSign, type Report, turnsSign } from './messages.js';

export interface ThreadOptions {
  /** What runs in it. */
  readonly entry: URL;
  readonly limits: Limits;
  readonly threads: number;
  readonly work: Beginning['work'];
  /** Of its work. */
  readonly port: MessagePort;
  readonly onReport: (report: Report) => void;
  /** It has ended, or cannot go on: before what it held is closed. */
  readonly onEnded?: () => Promise<void>;
  /** And after that; not called where it was told to end. */
  readonly onFailure: (reason: string) => void;
}

/** Milliseconds between looks at whether it lives, and without a sign of life until it is given up. */
const lookEvery = 1_000;
const patience = 5_000;
/** The same until its first sign: it has its code to load, on a machine that may be slow. */
const beginning = 30_000;
/** Milliseconds for it to let go of its sockets. */
const closeDeadline = 3_000;
/** Connections live long, and what is made for a new one is soon forgotten. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

export class BalancerThread {
  /** A process that ends without closing them waits for its threads, and these for events: one listener for all. */
  static readonly #living = new Set<BalancerThread>();
  static readonly #onExit = () => {
    for (const thread of BalancerThread.#living) thread.#end();
  };
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly waker: number;
  /** What it holds. */
  readonly descriptors: HeldDescriptors = newHeldDescriptors();
  readonly #signs = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  readonly #looks: NodeJS.Timeout;
  readonly #released: Promise<void>;
  #turns = 0;
  #heardAt = performance.now();
  #lookedAt = this.#heardAt;
  /** Why it is gone; null while it is there. */
  #gone: string | null = null;
  #isClosing = false;

  /** Throws where the machine has no room for another thread. */
  constructor(options: ThreadOptions) {
    this.#options = options;
    this.waker = newWaker();
    if (this.waker < 0) throw systemError('eventfd', 'balancer');
    const workerData: Beginning = {
      limits: options.limits,
      threads: options.threads,
      descriptors: this.descriptors,
      waker: this.waker,
      signs: this.#signs,
      work: options.work,
    };
    const streams = { stdout: true, stderr: true, transferList: [options.port] };
    try {
      this.#worker = new Worker(options.entry, { workerData, name: 'balancer', resourceLimits, ...streams });
    } catch (error) {
      close(this.waker);
      throw error;
    }
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) stream.on('error', () => {}).resume();
    this.#worker.on('message', options.onReport);
    this.#worker.on('error', (error: NodeJS.ErrnoException) => this.#fail(reasonOf(error)));
    this.#worker.on('messageerror', (error) => this.#fail(`a message that cannot be read: ${error.message}`));
    this.#released = new Promise((resolve) => {
      this.#worker.on('exit', (code) => resolve(this.#release(`it ended with code ${code}`)));
    });
    this.#looks = setInterval(() => this.#look(), lookEvery);
    this.#looks.unref();
    if (BalancerThread.#living.size === 0) process.on('exit', BalancerThread.#onExit);
    BalancerThread.#living.add(this);
  }

  /** Why it is gone, or is about to be; null where it serves. */
  get ending(): string | null {
    return this.#gone ?? (this.#isClosing ? 'it was closed' : null);
  }

  /** There is something for it to hear. */
  wake(): void {
    if (this.#gone === null) wake(this.waker);
  }

  /** Every connection is reset, and every address free. */
  async close(): Promise<void> {
    if (this.#gone === null) {
      this.#isClosing = true;
      this.#end();
    }
    const inTime = { signal: AbortSignal.timeout(closeDeadline) };
    const ended = once(this.#worker, 'exit', inTime).catch(() => this.#worker.terminate());
    // One that has ended by itself ends no more.
    await Promise.race([this.#released, ended]);
    await this.#released;
  }

  #end(): void {
    Atomics.store(this.#signs, endSign, 1);
    this.wake();
  }

  #look(): void {
    const now = performance.now();
    const turns = Atomics.load(this.#signs, turnsSign);
    // Who was away itself knows nothing about who was silent.
    const wasAway = now - this.#lookedAt > 2 * lookEvery;
    this.#lookedAt = now;
    if (turns !== this.#turns || wasAway) {
      this.#turns = turns;
      this.#heardAt = now;
      return;
    }
    const silent = now - this.#heardAt;
    if (silent > (turns === 0 ? beginning : patience))
      this.#fail(`no sign of life for ${(silent / 1000).toFixed(1)} s`);
  }

  /** What it holds is closed once it has ended: until then it could close what is another's by then. */
  #fail(reason: string): void {
    if (this.#gone !== null) return;
    this.#gone = reason;
    this.#end();
    void this.#worker.terminate();
  }

  async #release(reason: string): Promise<void> {
    clearInterval(this.#looks);
    BalancerThread.#living.delete(this);
    if (BalancerThread.#living.size === 0) process.off('exit', BalancerThread.#onExit);
    this.#gone ??= reason;
    await this.#options.onEnded?.();
    for (const descriptor of heldIn(this.descriptors)) {
      // Cut off in the middle, an answer is not to look whole.
      resetAtClose(descriptor);
      close(descriptor);
    }
    this.descriptors.fill(0);
    close(this.waker);
    if (!this.#isClosing) this.#options.onFailure(this.#gone);
  }
}

/** A defect is told with its place; memory runs out wherever it is asked for next. */
function reasonOf({ code, stack, message }: NodeJS.ErrnoException): string {
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? message : (stack ?? message);
}
