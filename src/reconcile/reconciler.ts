/** Keeps a backend's table equal to the wanted one: reads, plans, applies, tells, tries again, and looks after it. */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { inSlices } from '../config/slices.js';
import type { Backend, Failure, Operation, ReadOptions } from '../ipvs/backend.js';
import { Pace } from '../ipvs/pace.js';
import { Replica } from '../ipvs/replica.js';
import type { MeteredTable, ObservedTable } from '../ipvs/table.js';
import { type Audit, audit } from './audit.js';
import { type Change, objectOf } from './changes.js';
import type { Desired } from './desired.js';
import { Execution } from './execution.js';
import { pauseAfter } from './held-back.js';
import { Ledger, type Survey } from './ledger.js';
import { Milestone } from './milestone.js';
import type { Missing } from './missing.js';
import { asFailure, Patient } from './patient.js';
import { planRemoval } from './plan.js';
import type { Unserved } from './refusals.js';
import type { Removals } from './tolerance.js';

export interface ReconcilerOptions {
  readonly onChange: (change: Change) => void;
  /** The table is not as it was left: names of what differs, at least one. The changes that mend it follow. */
  readonly onDrift: (objects: readonly string[]) => void;
  /** Somebody changes these back each time that they are put right: names, at least one. */
  readonly onContested?: (objects: readonly string[]) => void;
  /** An operation that the backend refused, or a backend that did not answer; told once until it changes. */
  readonly onFailure: (object: string, failure: Failure) => void;
  /** Other destinations are kept from their traffic by a refusal than before. */
  readonly onUnserved?: () => void;
  /** The table was compared with the wanted one, and changed where that was needed. */
  readonly onRound?: (round: Round) => void;
  /** Milliseconds that the backend has to answer a read or to apply a portion. */
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

/** `interrupted` by a newer wish, or the end; `surprised` by a table that is not as it was known. */
type Ending = 'done' | 'interrupted' | 'surprised' | 'failed';

const defaultLookDelay = 2_000;
/** Looks at the table take at most this share of the time. */
const lookShare = 0.1;
/** Operations of a portion: what a dead server elsewhere has to wait for. */
const firstPortion = 256;
const portionPace = { least: 16, most: 512, target: 200 };
/** Surprises in a row after which the backend is taken at its word. */
const mostSurprises = 2;

export class Reconciler {
  readonly #backend: Patient;
  readonly #options: Required<ReconcilerOptions>;
  readonly #ledger: Ledger;
  readonly #pace = new Pace(firstPortion, portionPace);
  #wanted: Desired = new Map();
  /** Counts what was wanted; the first portion of a plan for it was answered; all of it was gone through. */
  #wish = 0;
  readonly #begun = new Milestone();
  readonly #done = new Milestone();
  /** Whether real servers that the configuration does not name go with the next plan. */
  #purge = false;
  /**
   * The table as it was read last and changed since; null where only another read can tell. A change of health is
   * planned on it at once: to read a large table takes longer than the check that found it out.
   */
  #known: Replica | null = null;
  /** Why the table cannot be known; null where it can. */
  #trouble: Failure | null = null;
  #failedRounds = 0;
  #surprises = 0;
  /** When to read the table again, and when to try again what is held back, in milliseconds of performance.now(). */
  #lookAt = Number.POSITIVE_INFINITY;
  #wakeAt = Number.POSITIVE_INFINITY;
  #lookDelay = defaultLookDelay;
  #due = false;
  #running: Promise<void> | null = null;
  #next: NodeJS.Timeout | null = null;
  /** Who waits for the numbers of the next look. */
  #asking: ((found: Audit | null) => void)[] = [];
  #closed = false;

  constructor(backend: Backend, options: ReconcilerOptions) {
    const defaults = { onContested: () => {}, onUnserved: () => {}, onRound: () => {} };
    this.#options = { ...defaults, deadline: 10_000, retryDelay: 1_000, ...options };
    this.#backend = new Patient(backend, this.#options.deadline);
    this.#ledger = new Ledger(this.#options.retryDelay);
  }

  /** The table as it stands. Rejects where the backend cannot say within the deadline. */
  read(options?: ReadOptions): Promise<MeteredTable> {
    return this.#backend.read(options);
  }

  /** What a new configuration would find: the table, the services that are ours, and what was taken out by hand. */
  async outlook(): Promise<Outlook> {
    const table = await this.read();
    return { table, owned: this.#ledger.owned, removed: this.#ledger.removedFrom(table) };
  }

  /** What of the wanted table does not stand, and why; of services with these keys, where some are given. */
  async missing(only?: ReadonlySet<string>): Promise<readonly Missing[]> {
    const reason = this.#trouble === null ? 'not applied yet' : `${this.#trouble.message} (${this.#trouble.code})`;
    if (this.#known === null) return [{ service: null, destination: null, object: this.#backend.name, reason }];
    const missing = await inSlices(this.#ledger.missing(this.#wanted, this.#known.table, reason));
    return only === undefined ? missing : missing.filter(({ service }) => service === null || only.has(service));
  }

  /** Which destinations the table does not take. */
  get unserved(): Unserved {
    return this.#ledger.refusals;
  }

  /**
   * Takes the table of a new configuration: real servers that it does not name leave its services.
   * Settles as `want` does.
   */
  takeOver(wanted: Desired): Promise<void> {
    this.#purge = true;
    return this.want(wanted);
  }

  /** Takes a new wanted table. Settles when a plan made from it, or from a newer one, has been gone through. */
  want(wanted: Desired): Promise<void> {
    this.#wanted = wanted;
    this.#wish += 1;
    this.#start();
    return this.#done.until(this.#wish);
  }

  /** Settles when a portion of the newest plan has been answered, so that a newer wish would be planned. */
  begun(): Promise<void> {
    return this.#begun.until(this.#wish);
  }

  /** Settles when the newest wish has been gone through, or so many milliseconds have passed. */
  async settled(milliseconds: number): Promise<void> {
    const over = new AbortController();
    const late = sleep(milliseconds, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([this.#done.until(this.#wish), late]);
    over.abort();
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
    if (this.#lookAt === Number.POSITIVE_INFINITY || this.#trouble !== null) return;
    this.#lookAt = performance.now() + delay;
    this.#schedule();
  }

  /** Lets go; the table stays as it stands. */
  async leave(): Promise<void> {
    this.#closed = true;
    this.#schedule();
    await this.#running;
    this.#letGo();
  }

  /** Removes the owned services whose virtual asks for it, then lets go; the rest stays as it stands. */
  async close(): Promise<void> {
    await this.leave();
    const leaving = new Set([...this.#wanted].filter(([, entry]) => entry.cleanstop).map(([key]) => key));
    try {
      const known = new Replica(await this.read());
      const plans = [...known.table]
        .filter(([key]) => leaving.has(key))
        .map(([key, entry]) => ({ key, first: [], last: planRemoval(entry) }));
      const execution = this.#execution(plans, known, this.#wanted, 'stop');
      while (!execution.isDone) {
        const { trouble } = await execution.portion();
        if (trouble !== null) throw trouble;
      }
    } catch (error) {
      this.#fail(asFailure(error));
    }
  }

  #start(): void {
    this.#due = true;
    this.#running ??= this.#rounds();
  }

  /** One round at a time; what changes meanwhile is put into one more round. */
  async #rounds(): Promise<void> {
    while (this.#due && !this.#closed) {
      this.#due = false;
      const wish = this.#wish;
      const ending = await this.#round(wish);
      this.#surprises = ending === 'surprised' ? this.#surprises + 1 : 0;
      if (ending === 'done' || ending === 'failed') {
        this.#begun.reach(wish);
        this.#done.reach(wish);
      } else this.#due = true;
    }
    if (this.#closed) this.#letGo();
    // Here and not after the promise: a table wanted in between would wait for a round that never comes.
    this.#running = null;
    this.#schedule();
  }

  /** Nobody waits for what will not come. */
  #letGo(): void {
    for (const answer of this.#asking.splice(0)) answer(null);
    this.#begun.reach(Number.POSITIVE_INFINITY);
    this.#done.reach(Number.POSITIVE_INFINITY);
  }

  #schedule(): void {
    if (this.#next) clearTimeout(this.#next);
    this.#next = null;
    const at = Math.min(this.#lookAt, this.#wakeAt);
    if (this.#closed || this.#running !== null || at === Number.POSITIVE_INFINITY) return;
    this.#next = setTimeout(() => this.#start(), Math.max(0, at - performance.now()));
  }

  async #round(wish: number): Promise<Ending> {
    const wanted = this.#wanted;
    const began = performance.now();
    const looks = this.#known === null || began >= this.#lookAt || this.#purge || this.#asking.length > 0;
    const asking = looks ? this.#asking.splice(0) : [];
    let found: Audit | null = null;
    try {
      this.#ledger.begin(wanted, this.#purge);
      this.#purge = false;
      if (looks) this.#known = new Replica(await this.read());
      const known = this.#known;
      if (known === null) throw new Error('the table is not known');
      const wasRead = performance.now();
      const survey = await inSlices(this.#ledger.survey(wanted, known.table, looks));
      const planned = performance.now();
      if (looks) {
        found = audit(wanted, known.table, survey.differences);
        this.#tellOfLook(survey);
        this.#trouble = null;
        this.#failedRounds = 0;
        this.#lookAt = planned + Math.max(this.#lookDelay, (planned - began) / lookShare);
      }
      const execution = this.#execution(survey.plans, known, wanted, 'start');
      const ending = await this.#carryOut(execution, wish);
      this.#wakeAt = Math.min(survey.wakeAt, execution.wakeAt);
      const { operations } = execution;
      const apply = operations === 0 ? 0 : performance.now() - planned;
      const took = { read: looks ? wasRead - began : null, plan: planned - wasRead, apply };
      this.#options.onRound({
        ...took,
        operations,
        ok: ending === 'done' && this.#wakeAt === Number.POSITIVE_INFINITY,
      });
      return ending;
    } catch (error) {
      this.#fail(asFailure(error));
      return 'failed';
    } finally {
      for (const answer of asking) answer(found);
    }
  }

  async #carryOut(execution: Execution, wish: number): Promise<Ending> {
    while (!execution.isDone) {
      const { version } = this.#ledger.refusals;
      const { surprised, trouble } = await execution.portion();
      if (this.#ledger.refusals.version !== version) this.#options.onUnserved();
      if (trouble !== null) throw trouble;
      if (surprised) {
        this.#known = null;
        return 'surprised';
      }
      this.#begun.reach(wish);
      if ((this.#wish !== wish || this.#closed) && !execution.isDone) return 'interrupted';
    }
    return 'done';
  }

  #execution(plans: Survey['plans'], known: Replica, wanted: Desired, phase: 'start' | 'stop'): Execution {
    return new Execution(plans, {
      backend: this.#backend,
      ledger: this.#ledger,
      known,
      wanted,
      phase,
      pace: this.#pace,
      insist: this.#surprises >= mostSurprises,
      onChange: this.#options.onChange,
      onRefusal: this.#options.onFailure,
    });
  }

  #tellOfLook({ drift, contested }: Survey): void {
    if (drift.length > 0) this.#options.onDrift(namesOf(drift));
    if (contested.length > 0) this.#options.onContested(namesOf(contested));
  }

  /** The backend does not answer: what it was last asked to do it may have done, or do yet. */
  #fail(failure: Failure): void {
    const told = this.#trouble;
    this.#known = null;
    this.#trouble = failure;
    this.#failedRounds += 1;
    this.#lookAt = performance.now() + pauseAfter(this.#failedRounds, this.#options.retryDelay);
    if (told?.code === failure.code && told.message === failure.message) return;
    this.#options.onFailure(this.#backend.name, failure);
  }
}

function namesOf(operations: readonly Operation[]): string[] {
  return [...new Set(operations.map(objectOf))];
}
