/** A worker with its checks. When its thread is given up, another goes on with them. */

import type { Check, CheckResult } from '../probes/probe.js';
import { inSlices, type Work } from '../slices.js';
import { monotonic } from '../system/clock.js';
import { Restarts } from '../system/restarts.js';
import type { Account } from './account.js';
import type { Interest } from './assignment.js';
import { loadOf } from './load.js';
import type { Ordered, Report, WorkerLimits } from './messages.js';
import type { Sums } from './sums.js';
import type { Runner, RunnerOptions, ThreadFailure } from './thread.js';
import { nextTurn, soonest } from './timing.js';

export interface Job {
  readonly id: number;
  readonly key: string;
  readonly check: Check;
  /** Who runs it; null before anybody does. */
  crew: Crew | null;
  /** Its place among the tallies. */
  readonly place: number;
  interest: Interest;
  /** The time of its first run, until that was ordered. */
  first: number | null;
  readonly origin: number;
}

/** What a worker is to have wherever it runs. */
export interface RunnerSetting extends RunnerOptions {
  readonly limits: WorkerLimits;
  /** Milliseconds without a sign of life, once there was one. */
  readonly patience: number;
}

export interface CrewOptions {
  /** Begins with its worker. Throws where the machine has no room for it. */
  readonly run: (setting: RunnerSetting) => Runner;
  /** Whether its worker is given more time than others: to end it is to condemn what it runs. */
  readonly isPatient?: boolean;
  readonly limits: WorkerLimits;
  readonly onNews: (id: number, result: CheckResult) => void;
  readonly onSums: (sums: Sums) => void;
  readonly onReplaced: (checks: number, reason: string) => void;
  /** The thread has failed, with these under way; what is not dropped by the end of the call goes on in the next one. */
  readonly onFault: (underWay: readonly Job[], fault: Fault) => void;
}

type News = Extract<Report, { readonly type: 'news' }>['results'];

/** How a thread failed: it gave no sign of life, or it ended. */
export type Fault = Pick<ThreadFailure, 'hung' | 'reason'>;

/** Checks that are ordered at once: copying more would hold up this thread. */
const portion = 200;
/**
 * Milliseconds without a sign of life until a thread is given up, doubled each time: one that starves on a machine with
 * too much to do would be replaced for ever, and what replaces it has yet more to do.
 */
const patience = { first: 3_500, longest: 30_000 } as const;
/** Milliseconds of a thread's life after which it is not the machine that is slow. */
const calm = 60_000;
/** Milliseconds for a thread to say what a check has given. */
const accountDeadline = 2_000;

export class Crew {
  readonly #options: CrewOptions;
  #limits: WorkerLimits;
  /** By number. */
  readonly #jobs = new Map<number, Job>();
  #load = 0;
  /** Jobs that the thread has not been told of. */
  readonly #untold = new Set<Job>();
  #thread: Runner | null = null;
  #began = 0;
  readonly #restarts = new Restarts();
  readonly #firstPatience: number;
  #patience: number;
  #waiting: NodeJS.Timeout | null = null;
  #telling: NodeJS.Immediate | null = null;
  /** Results that have come and are not told of yet. */
  readonly #news: News[] = [];
  #isTellingNews = false;
  readonly #questions = new Map<number, (account: Account | null) => void>();
  #lastQuestion = 0;
  /** What was told last. */
  #reason = '';

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#firstPatience = options.isPatient === true ? patience.first * 2 : patience.first;
    this.#patience = this.#firstPatience;
    this.#start();
  }

  /** The share of one processor that its jobs take. */
  get load(): number {
    return this.#load;
  }

  jobOf(id: number): Job | null {
    return this.#jobs.get(id) ?? null;
  }

  /** Takes a job on, be it new or another's until now. */
  take(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#load += loadOf(job.check);
    this.#tellSoon(job);
  }

  /** Drops jobs until the rest takes no more than `share` of a processor; returns them. Those under way are begun anew soon. */
  shed(share: number): Job[] {
    const jobs: Job[] = [];
    const underWay = this.#thread?.underWay;
    const now = monotonic();
    let rest = this.#load;
    for (const job of this.#jobs.values()) {
      if (rest <= share && share > 0) break;
      if (underWay?.has(job.id)) job.first = soonest(now, job.check.interval, jobs.length, job.origin);
      jobs.push(job);
      rest -= loadOf(job.check);
    }
    this.drop(jobs);
    return jobs;
  }

  drop(jobs: readonly Job[]): void {
    const ids: number[] = [];
    for (const job of jobs) {
      if (!this.#jobs.delete(job.id)) continue;
      this.#load -= loadOf(job.check);
      if (!this.#untold.delete(job)) ids.push(job.id);
    }
    if (ids.length > 0) this.#thread?.tell({ type: 'end', ids });
  }

  /** What is wanted of these jobs' results has changed, and the next one is told in any case. */
  tell(jobs: readonly Job[]): void {
    const interests = jobs.filter((job) => !this.#untold.has(job)).map(({ id, interest }) => [id, interest] as const);
    if (interests.length > 0) this.#thread?.tell({ type: 'tell', interests });
  }

  /** The jobs are run at once, one after another, and their results told; soon where the thread does not know them yet. */
  hurry(jobs: readonly Job[]): void {
    this.tell(jobs);
    const ids = jobs.filter((job) => !this.#untold.has(job)).map(({ id }) => id);
    if (ids.length > 0) this.#thread?.tell({ type: 'hurry', ids });
  }

  /** What a job has given so far; null where the thread does not say. */
  account(job: Job): Promise<Account | null> {
    const thread = this.#thread;
    if (thread === null) return Promise.resolve(null);
    this.#lastQuestion += 1;
    const question = this.#lastQuestion;
    return new Promise((resolve) => {
      const settle = (account: Account | null): void => {
        clearTimeout(late);
        this.#questions.delete(question);
        resolve(account);
      };
      const late = setTimeout(settle, accountDeadline, null);
      this.#questions.set(question, settle);
      thread.tell({ type: 'ask', question, id: job.id });
    });
  }

  set limits(limits: WorkerLimits) {
    this.#limits = limits;
    this.#thread?.tell({ type: 'limits', limits });
  }

  set inFlight(inFlight: number) {
    this.limits = { ...this.#limits, inFlight };
  }

  /** That the thread failed had a cause that is gone: the next one begins at once. */
  forgive(): void {
    this.#restarts.forgive();
  }

  /** Gives the thread up where it does not answer. */
  look(now: number): void {
    this.#thread?.look(now);
  }

  excuse(now: number): void {
    this.#thread?.excuse(now);
  }

  /** The share of its time that the thread was busy since the last call, 0 to 1. */
  takeShare(): number {
    return this.#thread?.takeShare() ?? 0;
  }

  async close(): Promise<void> {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    if (this.#telling !== null) clearImmediate(this.#telling);
    this.#untold.clear();
    this.#news.length = 0;
    for (const settle of this.#questions.values()) settle(null);
    await this.#thread?.close();
  }

  #start(): void {
    this.#waiting = null;
    this.#began = monotonic();
    this.#restarts.begin(this.#began);
    try {
      this.#thread = this.#options.run({
        limits: this.#limits,
        patience: this.#patience,
        onReport: (report) => this.#hear(report),
        onFailure: (failure) => this.#replace(failure),
      });
    } catch (error) {
      // Of what hinders a thread Node throws some at once, and tells some later.
      this.#replace({ reason: (error as Error).message, hung: false, underWay: new Set() });
      return;
    }
    // What was asked last may have been lost with the thread before: all are asked again soon.
    let index = 0;
    for (const job of this.#jobs.values()) {
      job.first ??= soonest(this.#began, job.check.interval, index, job.origin);
      this.#tellSoon(job);
      index += 1;
    }
  }

  #hear(report: Report): void {
    if (report.type === 'sums') this.#options.onSums(report.sums);
    if (report.type === 'account') this.#questions.get(report.question)?.(report.account);
    if (report.type !== 'news') return;
    this.#news.push(report.results);
    if (!this.#isTellingNews) void this.#tellNews();
  }

  /** Little by little: from thousands that are asked for the first time they come faster than they can be told of. */
  async #tellNews(): Promise<void> {
    this.#isTellingNews = true;
    do await inSlices(this.#allNews());
    while (this.#news.length > 0);
    this.#isTellingNews = false;
  }

  *#allNews(): Work<void> {
    for (let results = this.#news.shift(); results !== undefined; results = this.#news.shift()) {
      for (const [id, result] of results) {
        // Most servers say the same, and a message brings each text anew: the one before is kept for all of them.
        if (result.reason !== this.#reason) this.#reason = result.reason;
        this.#options.onNews(id, { ...result, reason: this.#reason });
        yield;
      }
    }
  }

  #replace({ reason, hung, underWay }: ThreadFailure): void {
    this.#thread = null;
    for (const settle of this.#questions.values()) settle(null);
    const now = monotonic();
    this.#restarts.fail(now);
    if (now - this.#began > calm) this.#patience = this.#firstPatience;
    if (hung) this.#patience = Math.min(this.#patience * 2, patience.longest);
    this.#options.onReplaced(this.#jobs.size, reason);
    const suspects = [...underWay].flatMap((id) => this.#jobs.get(id) ?? []);
    if (suspects.length > 0) this.#options.onFault(suspects, { reason, hung });
    this.#waiting = setTimeout(() => this.#start(), this.#restarts.wait);
  }

  #tellSoon(job: Job): void {
    this.#untold.add(job);
    this.#telling ??= setImmediate(() => this.#tellSome());
  }

  #tellSome(): void {
    this.#telling = null;
    if (this.#thread === null) return;
    const now = monotonic();
    const checks: Ordered[] = [];
    for (const job of this.#untold) {
      if (checks.length === portion) break;
      this.#untold.delete(job);
      const { id, check, interest, place, origin } = job;
      // A check that comes from another thread keeps its cadence.
      const first = job.first ?? nextTurn(origin, check.interval, now);
      checks.push({ id, check, interest, place, origin, first });
      job.first = null;
    }
    this.#thread.tell({ type: 'begin', checks });
    if (this.#untold.size > 0) this.#telling = setImmediate(() => this.#tellSome());
  }
}
