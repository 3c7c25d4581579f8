/** The checks that there are, by key, and what they give; `crews.ts` has who runs them. */

import { changedKeys } from '../model/revised.js';
import type { Check, CheckResult, ProbeResult } from '../probes/probe.js';
import { atOnce, soonInSlices, type Work } from '../slices.js';
import { monotonic } from '../system/clock.js';
import type { Account } from './account.js';
import { isSameInterest, type Watch } from './assignment.js';
import type { Job } from './crew.js';
import { byCrew, Crews, type PoolLimits } from './crews.js';
import type { Sums } from './sums.js';
import { Tallies, type Tally } from './tallies.js';
import { longestRun, spread } from './timing.js';

export interface PoolOptions {
  readonly limits: PoolLimits;
  /** A result that says something new. */
  readonly onResult: (key: string, result: CheckResult) => void;
  /** Once a second: what all checks came to since the last time. */
  readonly onSums: (sums: Sums) => void;
  /** A worker, counted from 1, was given up with its checks, which another goes on with. */
  readonly onReplaced: (worker: number, checks: number, reason: string) => void;
  /** What runs in a worker's thread. */
  readonly entry?: URL;
  /** Whether checks may run in this thread. */
  readonly here?: boolean;
}

/** Milliseconds on top of its timeouts for a check to begin and its result to be told. */
const resultGrace = 5_000;
const longestPatience = 600_000;

/** Checks that are added in one go. */
const mostAtOnce = 2_000;

export class CheckPool {
  readonly #options: PoolOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #crews: Crews;
  #lastId = 0;
  /** As they were taken over last. */
  #watches: ReadonlyMap<string, Watch> = new Map();
  readonly #tallies = new Tallies();
  /** Those who wait for the next result of a check, by its key. */
  readonly #waiting = new Map<string, Set<(result: ProbeResult | null) => void>>();
  /** Checks that are being added, as far as that has not been done yet. */
  #adding: Work<void> | null = null;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    const { limits, onSums, onReplaced, entry = new URL('./worker-thread.js', import.meta.url) } = options;
    this.#crews = new Crews({
      ...{ limits, entry, here: options.here === true, tallies: this.#tallies, onSums, onReplaced },
      onNews: (id, result) => this.#tell(id, result),
      onVerdict: (job, result) => this.#condemn(job, result),
    });
  }

  set limits(limits: PoolLimits) {
    this.#crews.limits = limits;
  }

  /**
   * Takes over a new set of checks by key. A check that stays keeps its due time; one that goes is no longer run,
   * and a result still under way is dropped. Those in `awaited` are run soon, and their next result is told in any case.
   */
  update(watches: ReadonlyMap<string, Watch>, awaited: ReadonlySet<string> = new Set()): void {
    this.#finishAdding();
    const before = this.#watches;
    this.#watches = watches;
    if (before.size === 0) {
      this.#addAll(watches);
      return;
    }
    const gone: string[] = [];
    const told: Job[] = [];
    const added = new Map<string, Watch>();
    // Most of a hundred thousand are the same.
    const others = [...changedKeys(before, watches)];
    const asked = [...awaited].filter((key) => before.get(key) === watches.get(key));
    for (const key of [...others, ...asked]) {
      const [watch, known] = [watches.get(key), this.#jobs.get(key)];
      if (watch === undefined) {
        gone.push(key);
        continue;
      }
      if (known === undefined) {
        added.set(key, watch);
        continue;
      }
      const { interest } = watch;
      const isOther = !isSameInterest(interest, known.interest);
      known.interest = interest;
      if (isOther || awaited.has(key)) told.push(known);
    }
    this.#drop(gone);
    for (const [crew, jobs] of byCrew(told)) crew.tell(jobs);
    const late = told.filter(({ key }) => awaited.has(key));
    for (const [crew, jobs] of byCrew(late)) crew.hurry(jobs);
    this.#addAll(added);
  }

  #addAll(added: ReadonlyMap<string, Watch>): void {
    this.#adding = this.#add(added, monotonic());
    if (added.size <= mostAtOnce) this.#finishAdding();
    else void this.#addSoon(this.#adding);
  }

  /** Those of a large configuration little by little: they are due one after another anyway. */
  *#add(added: ReadonlyMap<string, Watch>, now: number): Work<void> {
    yield* this.#crews.expect(added.values());
    let index = 0;
    for (const [key, { check, interest }] of added) {
      if (this.#isClosed) return;
      this.#lastId += 1;
      const { first, origin } = spread(now, check.interval, index, added.size);
      index += 1;
      const place = this.#tallies.add(this.#lastId);
      const job = { id: this.#lastId, key, check, crew: null, place, interest, first, origin };
      this.#jobs.set(key, job);
      this.#crews.take(job);
      yield;
    }
  }

  async #addSoon(adding: Work<void>): Promise<void> {
    await soonInSlices(adding);
    // It holds on to all that it has added.
    if (this.#adding === adding) this.#adding = null;
  }

  #finishAdding(): void {
    if (this.#adding !== null) atOnce(this.#adding);
    this.#adding = null;
  }

  /**
   * Runs a check now instead of when it is due, and gives its result: that of a run that is under way where there is
   * one. Null where the check is not there or goes, or no result comes in its time.
   */
  runNow(key: string): Promise<ProbeResult | null> {
    if (!this.#jobs.has(key)) this.#finishAdding();
    const known = this.#jobs.get(key);
    if (known === undefined) return Promise.resolve(null);
    const { check, crew } = known;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set();
      const settle = (result: ProbeResult | null): void => {
        clearTimeout(late);
        waiting.delete(settle);
        if (waiting.size === 0) this.#waiting.delete(key);
        resolve(result);
      };
      const runs = 1 + (check.further?.length ?? 0);
      const patience = Math.min(longestRun(check) + runs * resultGrace, longestPatience);
      const late = setTimeout(settle, patience, null);
      this.#waiting.set(key, waiting.add(settle));
      crew?.hurry([known]);
    });
  }

  /** Null where it is not there. */
  check(key: string): Check | null {
    return this.#jobs.get(key)?.check ?? null;
  }

  /** What a check came to last; null where it is not there. */
  tally(key: string): Tally | null {
    const known = this.#jobs.get(key);
    return known === undefined ? null : this.#tallies.of(known.place);
  }

  /** When a check passed last, in milliseconds since 1970; null where it has not, or is not there. */
  passedAt(key: string): number | null {
    const known = this.#jobs.get(key);
    return known === undefined ? null : this.#tallies.passedAt(known.place);
  }

  /** What a check has given so far; null where it is not there, or its thread does not answer. */
  async account(key: string): Promise<Account | null> {
    const known = this.#jobs.get(key);
    return known?.crew?.account(known) ?? null;
  }

  /** Drops every check and waits, for some seconds at most, until the workers have let go of their sockets. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const key of [...this.#waiting.keys()]) this.#answer(key, null);
    await this.#crews.close();
  }

  #drop(keys: readonly string[]): void {
    const dropped = keys.flatMap((key) => this.#jobs.get(key) ?? []);
    for (const job of dropped) {
      this.#jobs.delete(job.key);
      this.#tallies.remove(job.place);
      this.#answer(job.key, null);
    }
    this.#crews.drop(dropped);
  }

  /** A check that ended its thread gave no result of its own. */
  #condemn(job: Job, result: ProbeResult): void {
    const streak = this.#tallies.note(job.place, job.id, result.ok, Date.now());
    this.#tell(job.id, { ...result, streak });
  }

  /** A result that says something new. */
  #tell(id: number, result: CheckResult): void {
    const job = this.#crews.jobOf(id);
    if (job === null) return;
    this.#options.onResult(job.key, result);
    this.#answer(job.key, result);
    this.#crews.noteAnswer(job);
  }

  /** Tells those who wait for a result of a check. */
  #answer(key: string, result: ProbeResult | null): void {
    for (const settle of [...(this.#waiting.get(key) ?? [])]) settle(result);
  }
}
