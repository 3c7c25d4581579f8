/**
 * What becomes of checks that were under way when their worker hung or died. One of them is to blame, and would take
 * the others along again and again: so they go on in a worker of their own. Who gives a result there is innocent. When
 * that worker fails too, who was not under way is innocent, and of the rest at most half run at a time from then on.
 * When one alone was under way it has hung its worker: that is its result, and it stays apart from the others.
 */

import type { ProbeResult } from '../probes/probe.js';
import { monotonic } from '../system/clock.js';
import type { Crew, Fault, Job } from './crew.js';
import { soonest } from './timing.js';

export interface IsolationOptions {
  /** A worker for the suspects, of which so many may run at once. */
  readonly newCrew: (inFlight: number) => Crew;
  /** The crew runs the job from now on. */
  readonly place: (job: Job, crew: Crew) => void;
  /** The job goes on with the others. */
  readonly release: (job: Job) => void;
  readonly onVerdict: (job: Job, result: ProbeResult) => void;
  readonly closeCrew: (crew: Crew) => void;
}

export class Isolation {
  readonly #options: IsolationOptions;
  #crew: Crew | null = null;
  readonly #suspects = new Set<Job>();
  readonly #guilty = new Set<Job>();

  constructor(options: IsolationOptions) {
    this.#options = options;
  }

  get crew(): Crew | null {
    return this.#crew;
  }

  /** Takes over what another worker had under way when it failed. */
  suspect(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    const now = monotonic();
    const crew = this.#crew ?? this.#options.newCrew(1);
    this.#crew = crew;
    jobs.forEach((job, index) => {
      this.#suspects.add(job);
      job.first = soonest(now, job.check.interval, index, job.origin);
      this.#options.place(job, crew);
    });
    crew.inFlight = this.#suspects.size + this.#guilty.size;
  }

  /** The worker of the suspects has failed, with these under way. */
  convict(underWay: readonly Job[], { hung, reason }: Fault): void {
    const [first, ...others] = underWay;
    if (first === undefined) return;
    // Who has done it before is taken to have done it again.
    const known = underWay.filter((job) => this.#guilty.has(job));
    const guilty = known.length > 0 ? known : others.length === 0 ? [first] : [];
    for (const job of guilty) {
      this.#suspects.delete(job);
      this.#guilty.add(job);
      const said = `internal: the thread of this check alone failed: ${reason.split('\n', 1)[0]}`;
      this.#options.onVerdict(job, { ok: hung ? false : null, reason: said, duration: 0 });
    }
    if (guilty.length > 0) return;
    const now = monotonic();
    const innocent = [...this.#suspects].filter((job) => !underWay.includes(job));
    innocent.forEach((job, index) => {
      job.first = soonest(now, job.check.interval, index, job.origin);
      this.#acquit(job);
    });
    if (this.#crew === null) return;
    this.#crew.inFlight = Math.ceil(this.#suspects.size / 2);
    this.#crew.forgive();
  }

  /** A job has given a result. */
  noteAnswer(job: Job): void {
    if (this.#suspects.has(job)) this.#acquit(job);
  }

  /** A job is no longer run by anybody. */
  forget(job: Job): void {
    const had = this.#suspects.delete(job) || this.#guilty.delete(job);
    if (had) this.#closeIfEmpty();
  }

  #acquit(job: Job): void {
    this.#suspects.delete(job);
    this.#crew?.drop([job]);
    this.#options.release(job);
    this.#closeIfEmpty();
  }

  #closeIfEmpty(): void {
    if (this.#crew === null || this.#suspects.size + this.#guilty.size > 0) return;
    this.#options.closeCrew(this.#crew);
    this.#crew = null;
  }
}
