/**
 * The embedded balancer: a table whose services this process listens to itself, as a proxy between clients and
 * destinations. It needs neither IPVS nor root. Clients appear to the destinations with the director's address,
 * whatever the forwarding method says: gate, masq and ipip are all forwarded to the destination's address and port.
 * Threads of its own serve; here is what they were told, and the way to them.
 */

import { Restarts } from '../../system/restarts.js';
import type { Backend, Failure, Operation, ReadOptions } from '../backend.js';
import { capabilitiesOf } from '../capabilities.js';
import { type MeteredTable, serviceKey } from '../table.js';
import { defaultLimits, type Limits } from './limits.js';
import type { Task } from './messages.js';
import { roomFor } from './room.js';
import type { OnTrouble } from './shortage.js';
import { TableBook } from './table-book.js';
import { BalancerThreads, type ThreadsOptions } from './threads.js';

/** Operations that the thread is told at once: copying more would hold up this one. */
const portion = 256;
const balancerThread = new URL('./balancer-thread.js', import.meta.url);

/** What the balancer is to be like. */
export interface BalancerOptions {
  readonly limits?: Partial<Limits>;
  /** Threads that forward, from 1 on. */
  readonly threads?: number;
  readonly onTrouble?: OnTrouble;
  /** What runs in them. */
  readonly entry?: URL;
}

export class UserspaceBackend implements Backend {
  readonly capabilities = capabilitiesOf('userspace');
  readonly name = this.capabilities.name;
  readonly #options: Omit<ThreadsOptions, 'onFailure'>;
  readonly #onTrouble: OnTrouble;
  readonly #book: TableBook;
  /** Begin with the first batch. */
  #threads: BalancerThreads | null = null;
  readonly #restarts = new Restarts();
  #waiting: NodeJS.Timeout | null = null;
  /** The end of the last batch: batches run one after another, and closing comes after the last. */
  #settled: Promise<void> = Promise.resolve();
  #closed = false;

  constructor({ limits = {}, threads = 1, onTrouble = () => {}, entry = balancerThread }: BalancerOptions = {}) {
    this.#options = { limits: { ...defaultLimits, ...limits }, threads, onTrouble, entry };
    this.#onTrouble = onTrouble;
    this.#book = new TableBook(threads);
  }

  async read(options: ReadOptions = {}): Promise<MeteredTable> {
    this.#assertOpen();
    return this.#book.read(options);
  }

  async apply(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    this.#assertOpen();
    const batch = this.#settled.then(() => this.#carryOut(operations));
    this.#settled = batch.then(
      () => {},
      () => {},
    );
    return batch;
  }

  /** Resets every connection and frees every address; the table goes with the process that serves it. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      if (this.#waiting !== null) clearTimeout(this.#waiting);
      this.#settled = this.#settled.then(async () => this.#threads?.close());
    }
    await this.#settled;
  }

  async #carryOut(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    if (operations.length === 0) return [];
    if (this.#threads === null && this.#waiting === null) await this.#restore();
    const threads = this.#threads;
    if (threads === null) {
      const message = 'the balancer has no thread to serve it just now';
      return operations.map(() => ({ code: 'EAGAIN', message, unanswered: true }));
    }
    const room = roomFor(operations);
    const results: (Failure | null)[] = [];
    for (let from = 0; from < operations.length; from += portion) {
      const tasks = operations.slice(from, from + portion).map((operation) => this.#book.taskFor(operation, room));
      const outcomes = await threads.apply(tasks);
      this.#book.take(tasks, outcomes);
      results.push(...outcomes);
    }
    return results;
  }

  #start(): BalancerThreads | null {
    this.#restarts.begin(performance.now());
    try {
      this.#threads = new BalancerThreads({ ...this.#options, onFailure: (reason) => this.#replace(reason) });
    } catch (error) {
      this.#replace(error instanceof Error ? error.message : String(error));
    }
    return this.#threads;
  }

  /** Another thread serves the table as it was told to the one before. */
  #replace(reason: string): void {
    this.#threads = null;
    if (this.#closed) return;
    const message = `its thread is replaced, and every connection was reset: ${reason}`;
    this.#onTrouble('userspace balancer', { code: 'EIO', message });
    this.#book.forgetHeld();
    const wait = this.#restarts.fail(performance.now());
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#settled = this.#settled.then(() => (this.#closed ? undefined : this.#restore()));
    }, wait);
  }

  async #restore(): Promise<void> {
    if (this.#threads !== null) return;
    const threads = this.#start();
    if (threads === null) return;
    const tasks = this.#book.building();
    for (let from = 0; from < tasks.length; from += portion) {
      const some = tasks.slice(from, from + portion);
      for (const [index, failure] of (await threads.apply(some)).entries()) this.#judge(some[index], failure);
    }
  }

  #judge(task: Task | undefined, failure: Failure | null): void {
    // Where this thread is gone as well, the next one is told all of it.
    if (task === undefined || failure === null || failure.unanswered) return;
    this.#book.lose(task.operation);
    // Of a service that is lost the destinations have nowhere to be.
    if (failure.code !== 'ESRCH') this.#onTrouble(serviceKey(task.operation.service), failure);
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('userspace backend: already closed');
  }
}
