/** One round at a time: a look where one is due, a plan, and its portions, with what is known of the table in between. */

import { performance } from 'node:perf_hooks';
import type { Failure, Operation } from '../ipvs/backend.js';
import { Pace } from '../ipvs/pace.js';
import { Replica } from '../ipvs/replica.js';
import type { Entry, ObservedTable } from '../ipvs/table.js';
import { inSlices } from '../slices.js';
import { type Audit, audit } from './audit.js';
import { type Change, objectOf, type Phase } from './changes.js';
import type { Desired } from './desired.js';
import { Execution, type Followed } from './execution.js';
import { pauseAfter } from './held-back.js';
import type { Ledger, Survey } from './ledger.js';
import { asFailure, type Patient } from './patient.js';

export interface RoundsOptions {
  readonly onChange: (change: Change) => void;
  /** The table is not as it was left: names of what differs, at least one. The changes that mend it follow. */
  readonly onDrift: (objects: readonly string[]) => void;
  /** Somebody changes these back each time that they are put right: names, at least one. */
  readonly onContested: (objects: readonly string[]) => void;
  /** An operation that the backend refused, or a backend that did not answer; told once until it changes. */
  readonly onFailure: (object: string, failure: Failure) => void;
  /** Other destinations are kept from their traffic by a refusal than before. */
  readonly onUnserved: () => void;
  /** The table was compared with the wanted one, and changed where that was needed. */
  readonly onRound: (round: Round) => void;
  /** Whether an entry is ours, whatever the configuration says. */
  readonly isOurs: (entry: Entry) => boolean;
  /** Milliseconds before the first further try after a failure; doubled each time, up to a minute. */
  readonly retryDelay: number;
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
  readonly followed: Followed;
}

export interface Wish {
  readonly wanted: Desired;
  /** Keys of services that may be wanted otherwise than in the round before; null is any. */
  readonly changed: ReadonlySet<string> | null;
  /** Keys of services that are ours, and that the role leaves out. */
  readonly leftOut: ReadonlySet<string>;
  /** Whether real servers that the configuration does not name leave its services. */
  readonly purge: boolean;
  /** Whether the table is to be read, however well it is known. */
  readonly look: boolean;
  /** Whether somebody wants something else by now, so that what is left is not carried out. */
  readonly isOutdated: () => boolean;
  /** A portion was answered: a newer wish would be planned now. */
  readonly onPortion: () => void;
}

export interface Ended {
  /** `interrupted` by a newer wish; `surprised` by a table that is not as it was known. */
  readonly ending: 'done' | 'interrupted' | 'surprised' | 'failed';
  /** What the look found; null where there was none. */
  readonly found: Audit | null;
}

const defaultLookDelay = 2_000;
/** Looks at the table take at most this share of the time. */
const lookShare = 0.1;
/** Operations of a portion: what a dead server elsewhere has to wait for. */
const firstPortion = 256;
const portionPace = { least: 16, most: 512, target: 200 };
/** Surprises in a row after which the backend is taken at its word. */
const mostSurprises = 2;

export class Rounds {
  readonly #backend: Patient;
  readonly #ledger: Ledger;
  readonly #options: RoundsOptions;
  readonly #pace = new Pace(firstPortion, portionPace);
  /**
   * The table as it was read last and changed since; null where only another read can tell. A change of health is
   * planned on it at once: to read a large table takes longer than the check that found it out.
   */
  #known: Replica | null = null;
  /** Why the table cannot be known; null where it can. */
  #trouble: Failure | null = null;
  #failures = 0;
  #hasStood = false;
  #surprises = 0;
  #lookDelay = defaultLookDelay;
  /** When to read the table again, and when to try again what is held back, in milliseconds of performance.now(). */
  #lookAt = Number.POSITIVE_INFINITY;
  #wakeAt = Number.POSITIVE_INFINITY;

  constructor(backend: Patient, ledger: Ledger, options: RoundsOptions) {
    this.#backend = backend;
    this.#ledger = ledger;
    this.#options = options;
  }

  get known(): ObservedTable | null {
    return this.#known?.table ?? null;
  }

  /** Whether a wanted table has been gone through once. */
  get hasStood(): boolean {
    return this.#hasStood;
  }

  get trouble(): Failure | null {
    return this.#trouble;
  }

  /** When the next round is due without a newer wish, in milliseconds of performance.now(). */
  get dueAt(): number {
    return Math.min(this.#lookAt, this.#wakeAt);
  }

  /** Milliseconds from one look at the table to the next, from now on; more where a look takes long. */
  set lookDelay(delay: number) {
    if (delay === this.#lookDelay) return;
    this.#lookDelay = delay;
    if (this.#trouble === null && this.#lookAt !== Number.POSITIVE_INFINITY) this.#lookAt = performance.now() + delay;
  }

  /** Never rejects. */
  async round(wish: Wish): Promise<Ended> {
    const { wanted, changed, leftOut, purge } = wish;
    let found: Audit | null = null;
    const began = performance.now();
    const looks = this.#known === null || wish.look || purge || began >= this.#lookAt;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    try {
      this.#ledger.begin(wanted, changed, leftOut, purge);
      const known = looks ? new Replica(await this.#backend.read()) : this.#known;
      if (known === null) throw new Error('the table is not known');
      this.#known = known;
      if (purge) await inSlices(this.#ledger.claim(known.table, this.#options.isOurs));
      const wasRead = performance.now();
      const survey = await inSlices(this.#ledger.survey(wanted, known.table, looks));
      const planned = performance.now();
      if (looks) {
        found = audit(wanted, known.table, survey.differences);
        this.#noteLook(survey);
        this.#lookAt = planned + Math.max(this.#lookDelay, (planned - began) / lookShare);
      }
      const execution = this.#execution(survey.plans, known, wanted, 'start');
      const ending = await this.#carryOut(execution, wish);
      this.#surprises = ending === 'surprised' ? this.#surprises + 1 : 0;
      this.#wakeAt = Math.min(survey.wakeAt, execution.wakeAt);
      const { operations, followed } = execution;
      const apply = operations === 0 ? 0 : performance.now() - planned;
      const took = { read: looks ? wasRead - began : null, plan: planned - wasRead, apply };
      const ok = ending === 'done' && this.#wakeAt === Number.POSITIVE_INFINITY;
      this.#hasStood = true;
      this.#options.onRound({ ...took, operations, ok, followed });
      return { ending, found };
    } catch (error) {
      this.#fail(asFailure(error));
      return { ending: 'failed', found };
    }
  }

  /** Carries out what is to be done at the end, all of it. Never rejects. */
  async last(plansOf: (table: ObservedTable) => Survey['plans'], wanted: Desired): Promise<void> {
    try {
      const known = new Replica(await this.#backend.read());
      const execution = this.#execution(plansOf(known.table), known, wanted, 'stop');
      while (!execution.isDone) {
        const { trouble } = await execution.portion();
        if (trouble !== null) throw trouble;
      }
    } catch (error) {
      this.#fail(asFailure(error));
    }
  }

  async #carryOut(execution: Execution, { isOutdated, onPortion }: Wish): Promise<Ended['ending']> {
    while (!execution.isDone) {
      const { version } = this.#ledger.refusals;
      const { surprised, trouble } = await execution.portion();
      if (this.#ledger.refusals.version !== version) this.#options.onUnserved();
      if (trouble !== null) throw trouble;
      if (surprised) {
        this.#known = null;
        return 'surprised';
      }
      onPortion();
      if (isOutdated() && !execution.isDone) return 'interrupted';
    }
    return 'done';
  }

  #execution(plans: Survey['plans'], known: Replica, wanted: Desired, phase: Phase): Execution {
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

  #noteLook({ drift, contested }: Survey): void {
    this.#trouble = null;
    this.#failures = 0;
    if (drift.length > 0) this.#options.onDrift(namesOf(drift));
    if (contested.length > 0) this.#options.onContested(namesOf(contested));
  }

  /** The backend does not answer: what it was last asked to do it may have done, or do yet. */
  #fail(failure: Failure): void {
    const told = this.#trouble;
    this.#known = null;
    this.#trouble = failure;
    this.#failures += 1;
    this.#lookAt = performance.now() + pauseAfter(this.#failures, this.#options.retryDelay);
    if (told?.code === failure.code && told.message === failure.message) return;
    this.#options.onFailure(this.#backend.name, failure);
  }
}

function namesOf(operations: readonly Operation[]): string[] {
  return [...new Set(operations.map(objectOf))];
}
