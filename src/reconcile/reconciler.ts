/** Keeps a backend's table equal to the wanted one: reads, plans, applies, tells, tries again, and looks after it. */

import { performance } from 'node:perf_hooks';
import { inSlices, type Work } from '../config/slices.js';
import type { Backend, Failure, Operation } from '../ipvs/backend.js';
import { destinationKey, type MeteredTable, type ObservedTable } from '../ipvs/table.js';
import { type Change, type Context, describeChange, nameOf, type Phase } from './changes.js';
import type { Desired } from './desired.js';
import { planning, planRemoval } from './plan.js';
import { noRemovals, type Removals, removals, tolerating } from './tolerance.js';

export interface ReconcilerOptions {
  readonly onChange: (change: Change) => void;
  /** The table is not as it was left: names of what differs, at least one. The changes that mend it follow. */
  readonly onDrift: (objects: readonly string[]) => void;
  /** An operation that the backend refused, or a backend that did not answer; told once until it changes. */
  readonly onFailure: (object: string, failure: Failure) => void;
  /** Milliseconds that the backend has to answer a read or to apply a plan. */
  readonly deadline?: number;
  /** Milliseconds before the first further try after a failure; doubled each time, up to a minute. */
  readonly retryDelay?: number;
  /** Milliseconds from one look at the table to the next; more where a look takes long. */
  readonly auditDelay?: number;
}

export interface Outlook {
  readonly table: ObservedTable;
  /** Keys of services that are or were wanted: ours to remove. */
  readonly owned: ReadonlySet<string>;
  readonly removed: Removals;
}

const longestRetryDelay = 60_000;
/** Looks at the table take at most this share of the time. */
const auditShare = 0.1;

const nothing: Desired = new Map();

export class Reconciler {
  readonly #backend: Backend;
  readonly #options: Required<ReconcilerOptions>;
  #wanted: Desired = nothing;
  /** Keys of services that are or were wanted: ours to remove. */
  #owned = new Set<string>();
  /** What was wanted when the table was last in order; null while it is not. */
  #left: Desired | null = null;
  #removed: Removals = noRemovals;
  /** Whether real servers that the configuration does not name go in the next round. */
  #purge = false;
  #stale = false;
  #running: Promise<void> | null = null;
  #next: NodeJS.Timeout | null = null;
  #failedRounds = 0;
  readonly #told = new Map<string, string>();
  #closed = false;

  constructor(backend: Backend, options: ReconcilerOptions) {
    this.#backend = backend;
    this.#options = { deadline: 10_000, retryDelay: 1_000, auditDelay: 2_000, ...options };
  }

  /** The table as it stands. Rejects where the backend cannot say within the deadline. */
  read(options?: { readonly traffic?: boolean }): Promise<MeteredTable> {
    return this.#within(this.#backend.read(options), 'read the table');
  }

  /** What a new configuration would find: the table, the services that are ours, and what was taken out by hand. */
  async outlook(): Promise<Outlook> {
    const table = await this.read();
    const left = this.#left ?? nothing;
    return { table, owned: this.#owned, removed: removals(left, left, table, this.#removed) };
  }

  /**
   * Takes the table of a new configuration: real servers that it does not name leave its services.
   * Settles as `want` does.
   */
  takeOver(wanted: Desired): Promise<void> {
    this.#purge = true;
    return this.want(wanted);
  }

  /** Takes a new wanted table. Settles when a plan made from it, or from a newer one, has been applied. */
  want(wanted: Desired): Promise<void> {
    this.#wanted = wanted;
    for (const key of wanted.keys()) this.#owned.add(key);
    return this.#reconcile();
  }

  /** Lets go; the table stays as it stands. */
  async leave(): Promise<void> {
    this.#closed = true;
    if (this.#next) clearTimeout(this.#next);
    await this.#running;
  }

  /** Removes the owned services whose virtual asks for it, then lets go; the rest stays as it stands. */
  async close(): Promise<void> {
    await this.leave();
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
      const started = performance.now();
      const ok = await this.#round();
      this.#failedRounds = ok ? 0 : this.#failedRounds + 1;
      this.#lookAgainIn(ok ? this.#auditDelay(performance.now() - started) : this.#retryDelay());
    }
    // Here and not after the promise: a table wanted in between would wait for a round that never comes.
    this.#running = null;
  }

  #lookAgainIn(delay: number): void {
    if (this.#next) clearTimeout(this.#next);
    this.#next = this.#closed ? null : setTimeout(() => void this.#reconcile(), delay);
  }

  #auditDelay(duration: number): number {
    return Math.max(this.#options.auditDelay, duration / auditShare);
  }

  #retryDelay(): number {
    return Math.min(this.#options.retryDelay * 2 ** (this.#failedRounds - 1), longestRetryDelay);
  }

  async #round(): Promise<boolean> {
    const wanted = this.#wanted;
    const purge = this.#purge;
    try {
      const before = await this.read();
      await inSlices(this.#lookForDrift(before));
      this.#removed = removals(wanted, this.#left ?? nothing, before, this.#removed);
      const operations = await inSlices(this.#planning(wanted, before, purge));
      const ok = await this.#apply(operations, before, 'start');
      this.#told.delete(this.#backend.name);
      this.#left = ok ? wanted : null;
      if (ok && wanted === this.#wanted) {
        this.#owned = new Set(wanted.keys());
        this.#purge = false;
      }
      return ok;
    } catch (error) {
      this.#left = null;
      this.#tell(this.#backend.name, asFailure(error));
      return false;
    }
  }

  *#planning(wanted: Desired, actual: ObservedTable, purge: boolean): Work<Operation[]> {
    const target = yield* tolerating(wanted, actual, this.#removed, purge);
    return yield* planning(target, actual, this.#owned);
  }

  *#lookForDrift(actual: ObservedTable): Work<void> {
    if (this.#left === null) return;
    const removed = removals(this.#left, this.#left, actual, this.#removed);
    const target = yield* tolerating(this.#left, actual, removed, false);
    const drift = yield* planning(target, actual, new Set());
    if (drift.length > 0) this.#options.onDrift([...new Set(drift.map(objectOf))]);
  }

  async #apply(operations: readonly Operation[], before: ObservedTable, phase: Phase): Promise<boolean> {
    if (operations.length === 0) return true;
    const failures = await this.#within(this.#backend.apply(operations), `apply ${operations.length} changes`);
    const context = { before, wanted: this.#wanted, left: this.#left ?? nothing, phase };
    return inSlices(this.#report(operations, failures, context));
  }

  /** Says what became of each operation; returns whether all went well. To tell of ten thousand takes a while. */
  *#report(operations: readonly Operation[], failures: readonly (Failure | null)[], context: Context): Work<boolean> {
    let ok = true;
    for (const [index, operation] of operations.entries()) {
      yield;
      const failure = failures[index] ?? null;
      const object = objectOf(operation);
      if (failure === null || isGone(operation, failure)) {
        this.#told.delete(object);
        this.#options.onChange(describeChange(operation, context));
        continue;
      }
      ok = false;
      // Somebody else added it meanwhile: the next round reads it and makes an edit of this.
      if (failure.code === 'EEXIST') this.#stale ||= this.#failedRounds === 0;
      else this.#tell(object, failure);
    }
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
