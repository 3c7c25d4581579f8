/** Keeps a backend's table equal to the wanted one: reads, plans, applies, tells, and tries again. */

import type { Backend, Failure, Operation } from '../ipvs/backend.js';
import { destinationKey, type ObservedTable } from '../ipvs/table.js';
import { type Change, describeChange, nameOf } from './changes.js';
import type { Desired } from './desired.js';
import { plan, planRemoval } from './plan.js';

export interface ReconcilerOptions {
  readonly onChange: (change: Change) => void;
  /** An operation that the backend refused, or a backend that did not answer; told once until it changes. */
  readonly onFailure: (object: string, failure: Failure) => void;
  /** Milliseconds that the backend has to answer a read or to apply a plan. */
  readonly deadline?: number;
  /** Milliseconds before the first further try after a failure; doubled each time, up to a minute. */
  readonly retryDelay?: number;
}

const longestRetryDelay = 60_000;

export class Reconciler {
  readonly #backend: Backend;
  readonly #options: Required<ReconcilerOptions>;
  #wanted: Desired = new Map();
  /** Keys of services that are or were wanted: ours to remove. */
  #owned = new Set<string>();
  #stale = false;
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #failedRounds = 0;
  readonly #told = new Map<string, string>();
  #closed = false;

  constructor(backend: Backend, options: ReconcilerOptions) {
    this.#backend = backend;
    this.#options = { deadline: 10_000, retryDelay: 1_000, ...options };
  }

  /** The table as it stands. Rejects where the backend cannot say within the deadline. */
  read(): Promise<ObservedTable> {
    return this.#within(this.#backend.read(), 'read the table');
  }

  /** Takes a new wanted table. Settles when a plan made from it, or from a newer one, has been applied. */
  want(wanted: Desired): Promise<void> {
    this.#wanted = wanted;
    for (const key of wanted.keys()) this.#owned.add(key);
    return this.#reconcile();
  }

  /** Removes the owned services whose virtual asks for it, then lets go; the rest stays as it stands. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#running;
    const leaving = new Set([...this.#wanted].filter(([, entry]) => entry.cleanstop).map(([key]) => key));
    try {
      const before = await this.read();
      const operations = [...before].flatMap(([key, entry]) => (leaving.has(key) ? planRemoval(entry) : []));
      await this.#apply(operations, before, 'stop');
    } catch (error) {
      this.#tell(this.#backend.name, asFailure(error));
    }
  }

  #reconcile(): Promise<void> {
    this.#stale = true;
    this.#running ??= this.#rounds();
    return this.#running;
  }

  /** One round at a time; what changes meanwhile is put into one more round. */
  async #rounds(): Promise<void> {
    while (this.#stale && !this.#closed) {
      this.#stale = false;
      const ok = await this.#round();
      this.#failedRounds = ok ? 0 : this.#failedRounds + 1;
      if (this.#retry) clearTimeout(this.#retry);
      this.#retry = ok || this.#closed ? null : setTimeout(() => void this.#reconcile(), this.#nextDelay());
    }
    // Here and not after the promise: a table wanted in between would wait for a round that never comes.
    this.#running = null;
  }

  #nextDelay(): number {
    return Math.min(this.#options.retryDelay * 2 ** (this.#failedRounds - 1), longestRetryDelay);
  }

  async #round(): Promise<boolean> {
    try {
      const wanted = this.#wanted;
      const before = await this.read();
      const ok = await this.#apply(plan(wanted, before, this.#owned), before, 'start');
      if (ok && wanted === this.#wanted) this.#owned = new Set(wanted.keys());
      this.#told.delete(this.#backend.name);
      return ok;
    } catch (error) {
      this.#tell(this.#backend.name, asFailure(error));
      return false;
    }
  }

  async #apply(operations: readonly Operation[], before: ObservedTable, phase: 'start' | 'stop'): Promise<boolean> {
    if (operations.length === 0) return true;
    const failures = await this.#within(this.#backend.apply(operations), `apply ${operations.length} changes`);
    const context = { before, wanted: this.#wanted, phase };
    let ok = true;
    operations.forEach((operation, index) => {
      const failure = failures[index] ?? null;
      const object = objectOf(operation);
      if (failure === null || isGone(operation, failure)) {
        this.#told.delete(object);
        this.#options.onChange(describeChange(operation, context));
        return;
      }
      ok = false;
      // Somebody else added it meanwhile: the next round reads it and makes an edit of this.
      if (failure.code !== 'EEXIST') this.#tell(object, failure);
    });
    return ok;
  }

  #tell(object: string, failure: Failure): void {
    const text = `${failure.code} ${failure.message}`;
    if (this.#told.get(object) === text) return;
    this.#told.set(object, text);
    this.#options.onFailure(object, failure);
  }

  async #within<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          Object.assign(
            new Error(`${this.#backend.name} backend did not ${what} within ${this.#options.deadline / 1000} s`),
            { code: 'ETIMEDOUT' },
          ),
        );
      }, this.#options.deadline);
    });
    try {
      return await Promise.race([work, expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whether what was to be removed is not there: the service (ESRCH) or the destination (ENOENT). */
function isGone({ type }: Operation, { code }: Failure): boolean {
  return type.startsWith('delete-') && (code === 'ENOENT' || code === 'ESRCH');
}

function objectOf(operation: Operation): string {
  const virtual = nameOf(operation);
  return 'destination' in operation ? `${destinationKey(operation.destination)} (${virtual})` : virtual;
}

function asFailure(error: unknown): Failure {
  const { code, message } = error as { code?: string; message?: string };
  return { code: code ?? 'EIO', message: message ?? String(error) };
}
