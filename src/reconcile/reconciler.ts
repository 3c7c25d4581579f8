/** Keeps a backend's table equal to the wanted one: reads, plans, applies, tells, tries again, and looks after it. */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend, Failure, ReadOptions } from '../ipvs/backend.js';
import type { MeteredTable, ObservedTable } from '../ipvs/table.js';
import { atOnce, inSlices } from '../slices.js';
import type { Audit } from './audit.js';
import type { Desired } from './desired.js';
import { Ledger } from './ledger.js';
import { Milestone } from './milestone.js';
import type { Missing } from './missing.js';
import { Patient } from './patient.js';
import { planRemoval, planServices, type ServicePlan } from './plan.js';
import type { Unserved } from './refusals.js';
import { Rounds, type RoundsOptions } from './rounds.js';
import type { Removals } from './tolerance.js';

export interface ReconcilerOptions
  extends Pick<RoundsOptions, 'onChange' | 'onDrift' | 'onFailure'>,
    Partial<Pick<RoundsOptions, 'onContested' | 'onUnserved' | 'onRound' | 'isOurs' | 'retryDelay'>> {
  /** Milliseconds that the backend has to apply a portion, and from one sign of a table that is read to the next. */
  readonly deadline?: number;
}

export interface Outlook {
  readonly table: ObservedTable;
  /** Keys of services that are or were wanted: ours to remove. */
  readonly owned: ReadonlySet<string>;
  readonly removed: Removals;
}

const defaultDeadline = 10_000;
const noKeys: ReadonlySet<string> = new Set();
const defaults = {
  onContested: () => {},
  onUnserved: () => {},
  onRound: () => {},
  isOurs: () => false,
  retryDelay: 1_000,
};

export class Reconciler {
  readonly #backend: Patient;
  readonly #ledger: Ledger;
  readonly #rounds: Rounds;
  #wanted: Desired = new Map();
  /** Keys of services that are ours, and that the role leaves out. */
  #leftOut: ReadonlySet<string> = new Set();
  /** Counts what was wanted; the first portion of a plan for it was answered; all of it was gone through. */
  #wish = 0;
  /** Keys of services that may be wanted otherwise than in the round before; null is any. */
  #changed: Set<string> | null = null;
  readonly #begun = new Milestone();
  readonly #done = new Milestone();
  /** Whether real servers that the configuration does not name go with the next plan. */
  #purge = false;
  #due = false;
  #running: Promise<void> | null = null;
  #next: NodeJS.Timeout | null = null;
  /** Who waits for the numbers of the next look. */
  #asking: ((found: Audit | null) => void)[] = [];
  #closed = false;

  constructor(backend: Backend, { deadline = defaultDeadline, ...given }: ReconcilerOptions) {
    const options = { ...defaults, ...given };
    this.#backend = new Patient(backend, deadline);
    this.#ledger = new Ledger(options.retryDelay);
    this.#rounds = new Rounds(this.#backend, this.#ledger, options);
  }

  /** The table as it stands. Rejects where the backend cannot say within the deadline. */
  read(options?: ReadOptions): Promise<MeteredTable> {
    return this.#backend.read(options);
  }

  /** What a new configuration would find: the table, the services that are ours, and what was taken out by hand. */
  async outlook(): Promise<Outlook> {
    const table = await this.read();
    const owned = [...this.#ledger.owned].filter((key) => !this.#wanted.get(key)?.isPath);
    return { table, owned: new Set(owned), removed: this.#ledger.removedFrom(table) };
  }

  /** What of the wanted table does not stand, and why; of services with these keys, where some are given. */
  async missing(only: ReadonlySet<string> | null = null): Promise<readonly Missing[]> {
    const { known, trouble } = this.#rounds;
    const reason = trouble === null ? 'not applied yet' : failureWords(trouble);
    if (known === null) return [{ service: null, destination: null, object: this.#backend.name, reason }];
    return inSlices(this.#ledger.missing(this.#wanted, known, reason, only));
  }

  /** Whether a wanted table has been gone through once. */
  get hasStood(): boolean {
    return this.#rounds.hasStood;
  }

  /** Whether a service stands, as far as is known. */
  has(key: string): boolean {
    return this.#rounds.known?.has(key) ?? false;
  }

  /** Whether a wanted service stands as it is wanted, null where that is not known; and why it was refused, if it was. */
  stateOf(key: string): { readonly stands: boolean | null; readonly why: string | null } {
    const { known, trouble } = this.#rounds;
    const entry = this.#wanted.get(key);
    if (known === null) return { stands: null, why: trouble && failureWords(trouble) };
    if (entry === undefined) return { stands: false, why: null };
    const stands = atOnce(planServices(new Map([[key, entry]]), known)).length === 0;
    const places = [null, ...entry.destinations.keys()].map((destination) => ({ service: key, destination }));
    const failure = places.map((place) => this.#ledger.refusals.failureAt(place)).find((one) => one !== null);
    return { stands, why: failure ? failureWords(failure) : null };
  }

  /** Which destinations the table does not take. */
  get unserved(): Unserved {
    return this.#ledger.refusals;
  }

  /**
   * Takes the table of a new configuration: real servers that it does not name leave its services.
   * Settles as `want` does.
   */
  takeOver(wanted: Desired, leftOut?: ReadonlySet<string>): Promise<void> {
    this.#purge = true;
    return this.want(wanted, leftOut);
  }

  /**
   * Takes a new wanted table, and what of the configuration is not in it since the role leaves it out; `changed` are the
   * keys of services that may be wanted otherwise than before, null is any. Settles when a plan made from it, or from a
   * newer one, has been gone through.
   */
  want(
    wanted: Desired,
    leftOut: ReadonlySet<string> = noKeys,
    changed: ReadonlySet<string> | null = null,
  ): Promise<void> {
    if (changed === null || leftOut !== this.#leftOut) this.#changed = null;
    else for (const key of this.#changed === null ? [] : changed) this.#changed?.add(key);
    this.#wanted = wanted;
    this.#leftOut = leftOut;
    this.#wish += 1;
    this.#start();
    return this.#done.until(this.#wish);
  }

  /** Settles when a portion of the newest plan has been answered, so that a newer wish would be planned. */
  begun(): Promise<void> {
    return this.#begun.until(this.#wish);
  }

  /** Settles when the newest wish has been gone through, or so many milliseconds have passed. */
  async whenSettled(milliseconds: number): Promise<void> {
    const over = new AbortController();
    const late = sleep(milliseconds, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([this.#done.until(this.#wish), late]);
    over.abort();
  }

  /**
   * As `want`, with what the table was found to be before it was put right; null where it could not be read, or
   * the reconciler has let go.
   */
  audit(wanted: Desired, leftOut?: ReadonlySet<string>): Promise<Audit | null> {
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      void this.want(wanted, leftOut);
    });
  }

  /** Milliseconds from one look at the table to the next, from now on; more where a look takes long. */
  lookEvery(delay: number): void {
    this.#rounds.lookDelay = delay;
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
    const removal = (table: ObservedTable): ServicePlan[] =>
      [...table]
        .filter(([key]) => this.#wanted.get(key)?.cleanstop)
        .map(([key, entry]) => ({ key, first: [], last: planRemoval(entry) }));
    await this.#rounds.last(removal, this.#wanted);
  }

  #start(): void {
    this.#due = true;
    this.#running ??= this.#run();
  }

  /** What changes during a round is put into one more round. */
  async #run(): Promise<void> {
    while (this.#due && !this.#closed) {
      this.#due = false;
      const wish = this.#wish;
      const purge = this.#purge;
      this.#purge = false;
      const asking = this.#asking.splice(0);
      const changed = this.#changed;
      this.#changed = new Set();
      const { ending, found } = await this.#rounds.round({
        ...{ wanted: this.#wanted, changed, leftOut: this.#leftOut, purge, look: asking.length > 0 },
        isOutdated: () => this.#wish !== wish || this.#closed,
        onPortion: () => this.#begun.reach(wish),
      });
      for (const answer of asking) answer(found);
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
    const at = this.#rounds.dueAt;
    if (this.#closed || this.#running !== null || at === Number.POSITIVE_INFINITY) return;
    this.#next = setTimeout(() => this.#start(), Math.max(0, at - performance.now()));
  }
}

function failureWords({ message, code }: Failure): string {
  return `${message} (${code})`;
}
