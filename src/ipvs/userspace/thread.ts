/** The balancer's thread as the main thread sees it: it answers, or it is given up. */

import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { heldIn, newHeldDescriptors } from '../../system/held-descriptors.js';
import { close, systemError } from '../../system/libc.js';
import { newWaker, resetAtClose, wake } from '../../system/libc-serving.js';
import type { Failure } from '../backend.js';
import type { Limits } from './limits.js';
import { type Beginning, endSign, type Order, type Report, type Task, turnsSign } from './messages.js';
import type { OnTrouble } from './shortage.js';

export interface ThreadOptions {
  /** What runs in it. */
  readonly entry: URL;
  readonly limits: Limits;
  readonly onTrouble: OnTrouble;
  /** It has ended, or cannot go on, and everything that it held is closed; not called where it was told to end. */
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

interface Question {
  readonly count: number;
  readonly resolve: (results: readonly (Failure | null)[]) => void;
}

export class BalancerThread {
  readonly #options: ThreadOptions;
  readonly #worker: Worker;
  readonly #orders: MessagePort;
  readonly #waker: number;
  readonly #signs = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  readonly #descriptors = newHeldDescriptors();
  readonly #questions = new Map<number, Question>();
  readonly #looks: NodeJS.Timeout;
  readonly #onExit = () => this.#end();
  #lastQuestion = 0;
  #turns = 0;
  #heardAt = performance.now();
  #lookedAt = this.#heardAt;
  /** Why it is gone; null while it is there. */
  #gone: string | null = null;
  #isClosing = false;

  /** Throws where the machine has no room for another thread. */
  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#waker = newWaker();
    if (this.#waker < 0) throw systemError('eventfd', 'balancer');
    const { port1, port2 } = new MessageChannel();
    this.#orders = port1;
    const workerData: Beginning = {
      limits: options.limits,
      descriptors: this.#descriptors,
      orders: port2,
      waker: this.#waker,
      signs: this.#signs,
    };
    const streams = { stdout: true, stderr: true, transferList: [port2] };
    try {
      this.#worker = new Worker(options.entry, { workerData, name: 'balancer', resourceLimits, ...streams });
    } catch (error) {
      close(this.#waker);
      throw error;
    }
    port1.unref();
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) stream.on('error', () => {}).resume();
    this.#worker.on('message', (report: Report) => this.#hear(report));
    this.#worker.on('error', (error: Error) => this.#fail(error.stack ?? error.message));
    this.#worker.on('messageerror', (error) => this.#fail(`a message that cannot be read: ${error.message}`));
    this.#worker.on('exit', (code) => this.#release(`it ended with code ${code}`));
    this.#looks = setInterval(() => this.#look(), lookEvery);
    this.#looks.unref();
    // A process that ends without closing waits for its threads, and this one for events.
    process.on('exit', this.#onExit);
  }

  /** What became of each; all of them unanswered where the thread is gone before it is done. */
  apply(tasks: readonly Task[]): Promise<readonly (Failure | null)[]> {
    if (this.#gone !== null || this.#isClosing) return Promise.resolve(this.#unanswered(tasks.length));
    this.#lastQuestion += 1;
    const id = this.#lastQuestion;
    const order: Order = { id, tasks };
    return new Promise((resolve) => {
      this.#questions.set(id, { count: tasks.length, resolve });
      this.#orders.postMessage(order);
      wake(this.#waker);
    });
  }

  /** Every connection is reset, and every address free. */
  async close(): Promise<void> {
    if (this.#gone !== null || this.#isClosing) return;
    this.#isClosing = true;
    this.#end();
    const signal = AbortSignal.timeout(closeDeadline);
    await once(this.#worker, 'exit', { signal }).catch(() => this.#worker.terminate());
  }

  #end(): void {
    Atomics.store(this.#signs, endSign, 1);
    if (this.#gone === null) wake(this.#waker);
  }

  #hear(report: Report): void {
    if (report.type === 'trouble') {
      this.#options.onTrouble(report.object, report.failure);
      return;
    }
    const question = this.#questions.get(report.id);
    this.#questions.delete(report.id);
    question?.resolve(report.results);
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

  #release(reason: string): void {
    clearInterval(this.#looks);
    process.off('exit', this.#onExit);
    for (const descriptor of heldIn(this.#descriptors)) {
      // Cut off in the middle, an answer is not to look whole.
      resetAtClose(descriptor);
      close(descriptor);
    }
    this.#descriptors.fill(0);
    this.#gone ??= reason;
    close(this.#waker);
    this.#orders.close();
    for (const { count, resolve } of this.#questions.values()) resolve(this.#unanswered(count));
    this.#questions.clear();
    if (!this.#isClosing) this.#options.onFailure(this.#gone);
  }

  #unanswered(count: number): Failure[] {
    const message = `the balancer's thread is gone: ${this.#gone ?? 'it was closed'}`;
    return Array.from({ length: count }, () => ({ code: 'EIO', message, unanswered: true }));
  }
}
