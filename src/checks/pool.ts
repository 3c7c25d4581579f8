/**
 * The checks in worker threads, spread evenly. As many workers as the checks keep half busy, up to the number set:
 * each costs some megabytes, and each wakes up by itself. A few checks that never keep a thread busy run in this one.
 */

import { changedKeys } from '../model/revised.js';
import { isBrief } from '../probes/brief.js';
import type { Check, CheckResult, ProbeResult } from '../probes/probe.js';
import { atOnce, inSlices, type Work } from '../slices.js';
import { monotonic } from '../system/clock.js';
import type { Account } from './account.js';
import { isSameInterest, type Watch } from './assignment.js';
import { Crew, type CrewOptions, type Job, type RunnerSetting } from './crew.js';
import { shareDescriptors } from './descriptors.js';
import { Isolation } from './isolation.js';
import { loadOf } from './load.js';
import type { WorkerLimits } from './messages.js';
import { SameThread } from './same-thread.js';
import type { Limits } from './scheduler.js';
import { addSums, newSums, type Sums } from './sums.js';
import { Tallies, type Tally } from './tallies.js';
import { Thread } from './thread.js';
import { longestRun, soonest, spread } from './timing.js';

export interface PoolLimits extends Limits {
  /** Worker threads at most, 1 or more. */
  readonly workers: number;
  /** Descriptors that this process may have open. */
  readonly descriptors: number;
}

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

/** The share of its time that a worker is to be busy, at most. */
const busy = 0.5;
/** The share of this thread's time up to which checks may run in it. */
const little = 0.01;
/** Milliseconds from one look at the workers to the next. */
const lookEvery = 1000;
/** Milliseconds on top of its timeouts for a check to begin and its result to be told. */
const resultGrace = 5_000;
const longestPatience = 600_000;

/** Checks that are added in one go. */
const mostAtOnce = 2_000;

export class CheckPool {
  readonly #options: PoolOptions;
  #limits: PoolLimits;
  readonly #jobs = new Map<string, { readonly job: Job; crew: Crew }>();
  readonly #keys = new Map<number, string>();
  readonly #crews: Crew[] = [];
  #closing: Promise<unknown> = Promise.resolve();
  #load = 0;
  #lastId = 0;
  /** As they were taken over last. */
  #watches: ReadonlyMap<string, Watch> = new Map();
  #sums = newSums();
  readonly #tallies = new Tallies();
  /** Whether all checks run in this thread. Once they do not they never do again. */
  #isHere: boolean;
  /** What each worker has under way, as it last said. */
  readonly #underWay = new Map<Crew, Pick<Sums, 'running' | 'waiting'>>();
  /** Those who wait for the next result of a check, by its key. */
  readonly #waiting = new Map<string, Set<(result: ProbeResult | null) => void>>();
  readonly #isolation: Isolation;
  /** Checks that are being added, as far as that has not been done yet. */
  #adding: Work<void> | null = null;
  #isClosed = false;
  #looked = monotonic();
  readonly #looking: NodeJS.Timeout;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#isHere = options.here === true;
    this.#isolation = new Isolation({
      newCrew: (inFlight) => this.#threadOf(this.#limits.workers + 1, inFlight),
      place: (job, crew) => this.#place(job, crew),
      release: (job) => this.#assign(job),
      onVerdict: (job, result) => this.#condemn(job, result),
      closeCrew: (crew) => this.#closeCrew(crew),
    });
    this.#looking = setInterval(() => this.#look(), lookEvery);
  }

  set limits(limits: PoolLimits) {
    this.#limits = limits;
    this.#balance();
    for (const crew of this.#crews) crew.limits = this.#shareOf(limits);
  }

  /**
   * Takes over a new set of checks by key. A check that stays keeps its due time; one that goes is no longer run,
   * and a result still under way is dropped. Those in `awaited` are run soon, and their next result is told in any case.
   */
  update(watches: ReadonlyMap<string, Watch>, awaited: ReadonlySet<string> = new Set()): void {
    this.#finishAdding();
    const before = this.#watches;
    this.#watches = watches;
    const gone: string[] = [];
    const told: { readonly job: Job; readonly crew: Crew }[] = [];
    const added: (readonly [string, Watch])[] = [];
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
        added.push([key, watch]);
        continue;
      }
      const { interest } = watch;
      const isOther = !isSameInterest(interest, known.job.interest);
      known.job.interest = interest;
      if (isOther || awaited.has(key)) told.push(known);
    }
    this.#drop(gone);
    for (const [crew, jobs] of byCrew(told)) crew.tell(jobs);
    const late = told.filter(({ job }) => awaited.has(job.key));
    for (const [crew, jobs] of byCrew(late)) crew.hurry(jobs);
    const coming = added.reduce((sum, [, { check }]) => sum + loadOf(check), 0);
    if (this.#load + coming > little || !added.every(([, { check }]) => isBrief(check))) this.#leave();
    this.#balance(coming);
    this.#adding = this.#add(added, monotonic());
    if (added.length <= mostAtOnce) this.#finishAdding();
    else void inSlices(this.#adding);
  }

  /** Those of a large configuration little by little: they are due one after another anyway. */
  *#add(added: readonly (readonly [string, Watch])[], now: number): Work<void> {
    for (const [index, [key, { check, interest }]] of added.entries()) {
      if (this.#isClosed) return;
      this.#lastId += 1;
      const timing = spread(now, check.interval, index, added.length);
      const place = this.#tallies.add(this.#lastId);
      const job = { id: this.#lastId, key, check, load: loadOf(check), place, interest, ...timing };
      this.#keys.set(job.id, key);
      this.#load += job.load;
      this.#assign(job);
      yield;
    }
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
    const { check } = known.job;
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
      known.crew.hurry([known.job]);
    });
  }

  /** Null where it is not there. */
  check(key: string): Check | null {
    return this.#jobs.get(key)?.job.check ?? null;
  }

  /** What a check came to last; null where it is not there. */
  tally(key: string): Tally | null {
    const known = this.#jobs.get(key);
    return known === undefined ? null : this.#tallies.of(known.job.place);
  }

  /** When a check passed last, in milliseconds since 1970; null where it has not, or is not there. */
  passedAt(key: string): number | null {
    const known = this.#jobs.get(key);
    return known === undefined ? null : this.#tallies.passedAt(known.job.place);
  }

  /** What a check has given so far; null where it is not there, or its thread does not answer. */
  async account(key: string): Promise<Account | null> {
    const known = this.#jobs.get(key);
    return known === undefined ? null : known.crew.account(known.job);
  }

  /** Drops every check and waits, for some seconds at most, until the workers have let go of their sockets. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#looking);
    for (const key of [...this.#waiting.keys()]) this.#answer(key, null);
    await Promise.all([this.#closing, ...this.#allCrews().map((crew) => crew.close())]);
  }

  #drop(keys: readonly string[]): void {
    const dropped = keys.flatMap((key) => this.#jobs.get(key) ?? []);
    for (const { job } of dropped) {
      this.#jobs.delete(job.key);
      this.#keys.delete(job.id);
      this.#tallies.remove(job.place);
      this.#load -= job.load;
      this.#answer(job.key, null);
    }
    for (const [crew, jobs] of byCrew(dropped)) crew.drop(jobs);
    for (const { job } of dropped) this.#isolation.forget(job);
  }

  #allCrews(): Crew[] {
    const apart = this.#isolation.crew;
    return apart === null ? this.#crews : [...this.#crews, apart];
  }

  /** To the worker with the least to do. */
  #assign(job: Job): void {
    this.#place(
      job,
      this.#crews.reduce((least, other) => (other.load < least.load ? other : least)),
    );
  }

  #place(job: Job, crew: Crew): void {
    this.#jobs.set(job.key, { job, crew });
    crew.take(job);
  }

  #closeCrew(crew: Crew): void {
    this.#underWay.delete(crew);
    this.#closing = Promise.all([this.#closing, crew.close()]);
  }

  /** As many workers as the checks need, the load to come included, each with its share of those that are there. */
  #balance(coming = 0): void {
    const wanted = Math.min(this.#limits.workers, Math.ceil((this.#load + coming) / busy));
    const before = this.#crews.length;
    if (this.#isHere) {
      if (before < wanted) this.#crews.push(this.#crewHere());
      return;
    }
    while (this.#crews.length < wanted) this.#crews.push(this.#threadOf(this.#crews.length + 1));
    // A few more than needed may stay: the next reload can bring checks back.
    const most = Math.min(this.#limits.workers, wanted * 2);
    const gone = this.#crews.splice(Math.max(wanted, most));
    if (this.#crews.length === before) return;
    const share = (this.#load + coming) / this.#crews.length;
    const moved = [...gone.flatMap((crew) => crew.shed(0)), ...this.#crews.flatMap((crew) => crew.shed(share))];
    for (const crew of gone) this.#closeCrew(crew);
    this.#assignAgain(moved);
    for (const crew of this.#crews) crew.limits = this.#shareOf(this.#limits);
  }

  /** From now on checks run in threads of their own. */
  #leave(): void {
    if (!this.#isHere || this.#isClosed) return;
    this.#isHere = false;
    const here = this.#crews.splice(0);
    const jobs = here.flatMap((crew) => crew.shed(0));
    for (const crew of here) this.#closeCrew(crew);
    // All can be suspects, and come back one by one.
    this.#balance();
    this.#assignAgain(jobs);
  }

  /** Those that have no result yet are still to have one soon. */
  #assignAgain(jobs: readonly Job[]): void {
    const now = monotonic();
    for (const [index, job] of jobs.entries()) {
      if (this.#tallies.of(job.place).at === null) job.first ??= soonest(now, job.check.interval, index, job.origin);
      this.#assign(job);
    }
  }

  /** What each of the workers may take. */
  #shareOf({ inFlight, jitter, descriptors }: PoolLimits): WorkerLimits {
    const { underWay, kept, spare } = shareDescriptors(descriptors);
    const share = (all: number): number => Math.ceil(all / Math.max(1, this.#crews.length));
    return {
      inFlight: share(Math.min(inFlight, underWay)),
      jitter,
      keeping: { connections: share(kept), spareSockets: share(spare) },
    };
  }

  #threadOf(number: number, inFlight?: number): Crew {
    const { entry = new URL('./worker-thread.js', import.meta.url), onReplaced } = this.#options;
    const run = (setting: RunnerSetting) => new Thread({ ...setting, entry, tallies: this.#tallies.memory });
    const limits = this.#shareOf(this.#limits);
    return this.#crewOf({
      run,
      limits: { ...limits, inFlight: inFlight ?? limits.inFlight },
      isPatient: inFlight !== undefined,
      onReplaced: (checks, reason) => onReplaced(number, checks, reason),
    });
  }

  #crewHere(): Crew {
    const onNeed = (): void => this.#leave();
    return this.#crewOf({
      run: (setting) => new SameThread({ ...setting, tallies: this.#tallies.memory, onNeed }),
      limits: this.#shareOf(this.#limits),
      onReplaced: (checks, reason) => {
        // Once what was under way is known.
        queueMicrotask(onNeed);
        this.#options.onReplaced(1, checks, reason);
      },
    });
  }

  #crewOf(options: Pick<CrewOptions, 'run' | 'limits' | 'isPatient' | 'onReplaced'>): Crew {
    const crew: Crew = new Crew({
      ...options,
      onNews: (id, result) => this.#tell(id, result),
      onSums: (sums) => {
        this.#underWay.set(crew, { running: sums.running, waiting: sums.waiting });
        addSums(this.#sums, sums);
      },
      onFault: (underWay, fault) => {
        if (crew === this.#isolation.crew) {
          this.#isolation.convict(underWay, fault);
          return;
        }
        crew.drop(underWay);
        this.#isolation.suspect(underWay);
      },
    });
    return crew;
  }

  /** A check that ended its thread gave no result of its own. */
  #condemn(job: Job, result: ProbeResult): void {
    const streak = this.#tallies.note(job.place, job.id, result.ok, Date.now());
    this.#tell(job.id, { ...result, streak });
  }

  /** A result that says something new. */
  #tell(id: number, result: CheckResult): void {
    const key = this.#keys.get(id);
    const known = key === undefined ? undefined : this.#jobs.get(key);
    if (known === undefined) return;
    this.#options.onResult(known.job.key, result);
    this.#answer(known.job.key, result);
    if (known.crew === this.#isolation.crew) this.#isolation.noteAnswer(known.job);
  }

  /** Tells those who wait for a result of a check. */
  #answer(key: string, result: ProbeResult | null): void {
    for (const settle of [...(this.#waiting.get(key) ?? [])]) settle(result);
  }

  #look(): void {
    const now = monotonic();
    // Whoever was suspended himself has not heard what the workers said meanwhile.
    const wasAway = now - this.#looked > 2 * lookEvery;
    this.#looked = now;
    for (const crew of this.#allCrews()) {
      if (wasAway) crew.excuse(now);
      else crew.look(now);
    }
    const sums = this.#sums;
    this.#sums = newSums();
    sums.running = 0;
    sums.waiting = 0;
    for (const { running, waiting } of this.#underWay.values()) {
      sums.running += running;
      sums.waiting += waiting;
    }
    this.#options.onSums(sums);
  }
}

function byCrew(placed: readonly { readonly job: Job; readonly crew: Crew }[]): Map<Crew, Job[]> {
  const found = new Map<Crew, Job[]>();
  for (const { job, crew } of placed) {
    const jobs = found.get(crew);
    if (jobs === undefined) found.set(crew, [job]);
    else jobs.push(job);
  }
  return found;
}
