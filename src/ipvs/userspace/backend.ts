/**
 * The embedded balancer: a table whose services this process listens to itself, as a proxy between clients and
 * destinations. It needs neither IPVS nor root. Clients appear to the destinations with the director's address,
 * whatever the forwarding method says: gate, masq and ipip are all forwarded to the destination's address and port.
 * A thread of its own serves; here is what it was told, and the way to it.
 */

import type { Backend, Failure, Operation, ReadOptions } from '../backend.js';
import { capabilitiesOf } from '../capabilities.js';
import { type MeteredTable, serviceKey } from '../table.js';
import { defaultLimits, type Limits } from './limits.js';
import type { Task } from './messages.js';
import { roomFor } from './room.js';
import type { OnTrouble } from './shortage.js';
import { TableBook } from './table-book.js';
import { BalancerThread } from './thread.js';

/** Operations that the thread is told at once: copying more would hold up this one. */
const portion = 256;
/** Milliseconds until a thread that failed soon after its start is replaced, doubled each time. */
const pause = { first: 250, longest: 30_000 } as const;
/** Milliseconds after which a thread's end has nothing to do with its start. */
const soon = 10_000;

export class UserspaceBackend implements Backend {
  readonly capabilities = capabilitiesOf('userspace');
  readonly name = this.capabilities.name;
  readonly #limits: Limits;
  readonly #onTrouble: OnTrouble;
  readonly #entry: URL;
  readonly #book = new TableBook();
  /** Begins with the first batch. */
  #thread: BalancerThread | null = null;
  #began = 0;
  /** Threads in a row that failed soon. */
  #failures = 0;
  #waiting: NodeJS.Timeout | null = null;
  /** The end of the last batch: batches run one after another, and closing comes after the last. */
  #settled: Promise<void> = Promise.resolve();
  #closed = false;

  /** `entry` is what runs in the thread. */
  constructor(
    limits: Partial<Limits> = {},
    onTrouble: OnTrouble = () => {},
    entry = new URL('./balancer-thread.js', import.meta.url),
  ) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#onTrouble = onTrouble;
    this.#entry = entry;
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
      this.#settled = this.#settled.then(async () => this.#thread?.close());
    }
    await this.#settled;
  }

  async #carryOut(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    if (operations.length === 0) return [];
    if (this.#thread === null && this.#waiting === null) await this.#restore();
    const thread = this.#thread;
    if (thread === null) {
      const message = 'the balancer has no thread to serve it just now';
      return operations.map(() => ({ code: 'EAGAIN', message, unanswered: true }));
    }
    const room = roomFor(operations);
    const results: (Failure | null)[] = [];
    for (let from = 0; from < operations.length; from += portion) {
      const tasks = operations.slice(from, from + portion).map((operation) => this.#book.taskFor(operation, room));
      const outcomes = await thread.apply(tasks);
      this.#book.take(tasks, outcomes);
      results.push(...outcomes);
    }
    return results;
  }

  #start(): BalancerThread | null {
    this.#began = performance.now();
    try {
      this.#thread = new BalancerThread({
        entry: this.#entry,
        limits: this.#limits,
        onTrouble: this.#onTrouble,
        onFailure: (reason) => this.#replace(reason),
      });
    } catch (error) {
      this.#replace(error instanceof Error ? error.message : String(error));
    }
    return this.#thread;
  }

  /** Another thread serves the table as it was told to the one before. */
  #replace(reason: string): void {
    this.#thread = null;
    if (this.#closed) return;
    const message = `its thread is replaced, and every connection was reset: ${reason}`;
    this.#onTrouble('userspace balancer', { code: 'EIO', message });
    this.#book.forgetHeld();
    this.#failures = performance.now() - this.#began < soon ? this.#failures + 1 : 0;
    const wait = this.#failures === 0 ? 0 : Math.min(pause.first * 2 ** (this.#failures - 1), pause.longest);
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#settled = this.#settled.then(() => (this.#closed ? undefined : this.#restore()));
    }, wait);
  }

  async #restore(): Promise<void> {
    if (this.#thread !== null) return;
    const thread = this.#start();
    if (thread === null) return;
    const tasks = this.#book.building();
    for (let from = 0; from < tasks.length; from += portion) {
      const some = tasks.slice(from, from + portion);
      for (const [index, failure] of (await thread.apply(some)).entries()) this.#judge(some[index], failure);
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
