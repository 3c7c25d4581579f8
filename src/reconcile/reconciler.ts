/** Keeps a backend's table equal to the wanted one: reads, plans, applies, tells, tries again, and looks after it. */

import { performance } from 'node:perf_hooks';
import { inSlices, type Work } from '../config/slices.js';
import { applied } from '../ipvs/applied.js';
import type { Backend, Failure, Operation } from '../ipvs/backend.js';
import { type MeteredTable, type ObservedTable, serviceKey } from '../ipvs/table.js';
import { type Audit, audit } from './audit.js';
import { type Change, type Context, describeChange, objectOf, type Phase } from './changes.js';
import type { Desired } from './desired.js';
import { type Missing, missingFor } from './missing.js';
import { planning, planRemoval } from './plan.js';
import { noRemovals, type Removals, removals, tolerating } from './tolerance.js';

export interface ReconcilerOptions {
  readonly onChange: (change: Change) => void;
  /** The table is not as it was left: names of what differs, at least one. The changes that mend it follow. */
  readonly onDrift: (objects: readonly string[]) => void;
  /** An operation that the backend refused, or a backend that did not answer; told once until it changes. */
  readonly onFailure: (object: string, failure: Failure) => void;
  /** The table was compared with the wanted one, and changed where that was needed. */
  readonly onRound?: (round: Round) => void;
  /** Milliseconds that the backend has to answer a read or to apply a plan. */
  readonly deadline?: number;
  /** Milliseconds before the first further try after a failure; doubled each time, up to a minute. */
  readonly retryDelay?: number;
}

/** What it took to bring the table up to date, in milliseconds. */
export interface Round {
  /** Null where the table was known without a look. */
  readonly read: number | null;
  readonly plan: number;
  /** 0 where there was nothing to change. */
  readonly apply: number;
  readonly operations: number;
  readonly ok: boolean;
}

export interface Outlook {
  readonly table: ObservedTable;
  /** Keys of services that are or were wanted: ours to remove. */
  readonly owned: ReadonlySet<string>;
  readonly removed: Removals;
}

const longestRetryDelay = 60_000;
const defaultLookDelay = 2_000;
/** Looks at the table take at most this share of the time. */
const lookShare = 0.1;

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
  /**
   * The table as it was read last and changed since; null where only another read can tell. A change of health is
   * planned on it at once: to read a large table takes longer than the check that found it out.
   */
  #known: ObservedTable | null = null;
  /** Whether it is time to read the table again. */
  #lookDue = false;
  /** Whether real servers that the configuration does not name go in the next round. */
  #purge = false;
  #stale = false;
  #running: Promise<void> | null = null;
  #next: NodeJS.Timeout | null = null;
  #failedRounds = 0;
  #lookDelay = defaultLookDelay;
  /** Who waits for the numbers of the next round. */
  #asking: ((found: Audit | null) => void)[] = [];
  readonly #told = new Map<string, string>();
  #closed = false;

  constructor(backend: Backend, options: ReconcilerOptions) {
    this.#backend = backend;
    this.#options = { onRound: () => {}, deadline: 10_000, retryDelay: 1_000, ...options };
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

  /** What of the wanted table does not stand, and why; of services with these keys, where some are given. */
  async missing(only?: ReadonlySet<string>): Promise<readonly Missing[]> {
    const trouble = this.#told.get(this.#backend.name);
    if (this.#known === null) {
      const reason = trouble ?? 'the table has not been read yet';
      return [{ service: null, destination: null, object: this.#backend.name, reason }];
    }
    const target = await inSlices(tolerating(this.#wanted, this.#known, this.#removed, false));
    const operations = await inSlices(planning(target, this.#known, this.#owned));
    return operations
      .filter(({ service }) => only?.has(serviceKey(service)) ?? true)
      .map((operation) => missingFor(operation, this.#told.get(objectOf(operation)) ?? 'not applied yet'));
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

  /**
   * As `want`, with what the table was found to be before it was put right; null where it could not be read, or
   * the reconciler has let go.
   */
  audit(wanted: Desired): Promise<Audit | null> {
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      void this.want(wanted);
    });
  }

  /** Milliseconds from one look at the table to the next, from now on; more where a look takes long. */
  lookEvery(delay: number): void {
    if (delay === this.#lookDelay) return;
    this.#lookDelay = delay;
    if (this.#next !== null && this.#failedRounds === 0) this.#lookAgainIn(delay);
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
      if (this.#known !== null && !this.#lookDue && !this.#purge && this.#asking.length === 0) {
        this.#known = await this.#quickRound(this.#known);
        this.#stale ||= this.#known === null;
        continue;
      }
      this.#lookDue = false;
      const asking = this.#asking.splice(0);
      const { ok, found } = await this.#round();
      for (const answer of asking) answer(found);
      this.#failedRounds = ok ? 0 : this.#failedRounds + 1;
      this.#lookAgainIn(ok ? this.#pause(performance.now() - started) : this.#retryDelay());
    }
    for (const answer of this.#asking.splice(0)) answer(null);
    // Here and not after the promise: a table wanted in between would wait for a round that never comes.
    this.#running = null;
  }

  #lookAgainIn(delay: number): void {
    if (this.#next) clearTimeout(this.#next);
    this.#next = this.#closed ? null : setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    this.#lookDue = true;
    void this.#reconcile();
  }

  #pause(duration: number): number {
    return Math.max(this.#lookDelay, duration / lookShare);
  }

  #retryDelay(): number {
    return Math.min(this.#options.retryDelay * 2 ** (this.#failedRounds - 1), longestRetryDelay);
  }

  async #round(): Promise<{ readonly ok: boolean; readonly found: Audit | null }> {
    const wanted = this.#wanted;
    const purge = this.#purge;
    // What is wanted meanwhile is ours from the next round on: this one knows of no reason for it to stand.
    const owned = new Set(this.#owned);
    let found: Audit | null = null;
    const began = performance.now();
    try {
      const before = await this.read();
      const wasRead = performance.now();
      // Where nothing new is wanted, all that is to be done is drift.
      const looks = this.#left === wanted && !purge;
      if (!looks) this.#tellDrift(await inSlices(this.#drift(before)));
      this.#removed = removals(wanted, this.#left ?? nothing, before, this.#removed);
      const target = await inSlices(tolerating(wanted, before, this.#removed, purge));
      const operations = await inSlices(planning(target, before, owned));
      if (looks) this.#tellDrift(operations);
      found = audit(wanted, before, operations.length);
      const planned = performance.now();
      const ok = await this.#apply(operations, before, 'start');
      const apply = operations.length === 0 ? 0 : performance.now() - planned;
      const took = { read: wasRead - began, plan: planned - wasRead, apply };
      this.#options.onRound({ ...took, operations: operations.length, ok });
      this.#told.delete(this.#backend.name);
      this.#left = ok ? wanted : null;
      this.#known = ok ? applied(before, operations) : null;
      if (ok && wanted === this.#wanted) {
        this.#owned = new Set(wanted.keys());
        this.#purge = false;
      }
      return { ok, found };
    } catch (error) {
      this.#left = null;
      this.#tell(this.#backend.name, asFailure(error));
      return { ok: false, found };
    }
  }

  /**
   * Changes the table as it is known, without a look at it, and returns how it is known then; null where anything went
   * otherwise than expected, of which nothing is told: a round with a look follows.
   */
  async #quickRound(before: ObservedTable): Promise<ObservedTable | null> {
    const wanted = this.#wanted;
    const began = performance.now();
    try {
      this.#removed = removals(wanted, this.#left ?? nothing, before, this.#removed);
      const target = await inSlices(tolerating(wanted, before, this.#removed, false));
      const operations = await inSlices(planning(target, before, new Set(this.#owned)));
      const planned = performance.now();
      const failures = operations.length === 0 ? [] : await this.#carryOut(operations);
      const done = operations.filter((operation, index) => {
        const failure = failures[index] ?? null;
        return failure === null || isNeedless(operation, failure);
      });
      const context = { before, wanted: this.#wanted, left: this.#left ?? nothing, phase: 'start' } as const;
      await inSlices(this.#report(done, [], context));
      const ok = done.length === operations.length;
      this.#left = ok ? wanted : null;
      const apply = operations.length === 0 ? 0 : performance.now() - planned;
      if (ok) this.#options.onRound({ read: null, plan: planned - began, apply, operations: operations.length, ok });
      return ok ? applied(before, operations) : null;
    } catch {
      // Who did not answer may have carried it out.
      this.#left = null;
      return null;
    }
  }

  /** What would bring the table back to how it was left. */
  *#drift(actual: ObservedTable): Work<Operation[]> {
    if (this.#left === null) return [];
    const removed = removals(this.#left, this.#left, actual, this.#removed);
    const target = yield* tolerating(this.#left, actual, removed, false);
    return yield* planning(target, actual, new Set());
  }

  #tellDrift(drift: readonly Operation[]): void {
    if (drift.length > 0) this.#options.onDrift([...new Set(drift.map(objectOf))]);
  }

  async #apply(operations: readonly Operation[], before: ObservedTable, phase: Phase): Promise<boolean> {
    if (operations.length === 0) return true;
    const failures = await this.#carryOut(operations);
    const context = { before, wanted: this.#wanted, left: this.#left ?? nothing, phase };
    return inSlices(this.#report(operations, failures, context));
  }

  #carryOut(operations: readonly Operation[]): Promise<(Failure | null)[]> {
    return this.#within(this.#backend.apply(operations), `apply ${operations.length} changes`);
  }

  /** Says what became of each operation; returns whether all went well. To tell of ten thousand takes a while. */
  *#report(operations: readonly Operation[], failures: readonly (Failure | null)[], context: Context): Work<boolean> {
    let ok = true;
    for (const [index, operation] of operations.entries()) {
      yield;
      const failure = failures[index] ?? null;
      const object = objectOf(operation);
      if (failure === null || isNeedless(operation, failure)) {
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
function isNeedless({ type }: Operation, { code }: Failure): boolean {
  return type.startsWith('delete-') && (code === 'ENOENT' || code === 'ESRCH');
}

function asFailure(error: unknown): Failure {
  const { code, message } = error as { code?: string; message?: string };
  return { code: code ?? 'EIO', message: message ?? String(error) };
}
