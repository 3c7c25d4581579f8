/**
 * Who runs the checks: worker threads, over which they are spread evenly, as many as the checks keep busy, up to the
 * number set. A few checks that never keep a thread busy run in this one.
 */

import { isBrief } from '../probes/brief.js';
import type { Check, CheckResult, ProbeResult } from '../probes/probe.js';
import type { Work } from '../slices.js';
import { monotonic } from '../system/clock.js';
import { Crew, type CrewOptions, type Job, type RunnerSetting } from './crew.js';
import { CrewSize } from './crew-size.js';
import { shareDescriptors } from './descriptors.js';
import { Isolation } from './isolation.js';
import { loadOf } from './load.js';
import type { WorkerLimits } from './messages.js';
import { SameThread } from './same-thread.js';
import type { Limits } from './scheduler.js';
import { addSums, newSums, type Sums } from './sums.js';
import type { Tallies } from './tallies.js';
import { Thread } from './thread.js';
import { soonest } from './timing.js';

export interface PoolLimits extends Limits {
  /** Worker threads at most, 1 or more. */
  readonly workers: number;
  /** Descriptors that this process may have open. */
  readonly descriptors: number;
}

export interface CrewsOptions {
  readonly limits: PoolLimits;
  /** What runs in a worker's thread. */
  readonly entry: URL;
  /** Whether checks may run in this thread. */
  readonly here: boolean;
  readonly tallies: Tallies;
  readonly onNews: (id: number, result: CheckResult) => void;
  /** A job that ended its thread gave no result of its own. */
  readonly onVerdict: (job: Job, result: ProbeResult) => void;
  readonly onSums: (sums: Sums) => void;
  readonly onReplaced: (worker: number, checks: number, reason: string) => void;
}

/** The share of this thread's time up to which checks may run in it. */
const little = 0.01;
/** Milliseconds from one look at the workers to the next. */
const lookEvery = 1000;

export class Crews {
  readonly #options: CrewsOptions;
  #limits: PoolLimits;
  readonly #crews: Crew[] = [];
  readonly #isolation: Isolation;
  #closing: Promise<unknown> = Promise.resolve();
  readonly #size = new CrewSize();
  /** Of all jobs. */
  #load = 0;
  #sums = newSums();
  /** What each worker has under way, as it last said. */
  readonly #underWay = new Map<Crew, Pick<Sums, 'running' | 'waiting'>>();
  /** Whether all checks run in this thread. Once they do not they never do again. */
  #isHere: boolean;
  #isClosed = false;
  #looked = monotonic();
  readonly #looking: NodeJS.Timeout;

  constructor(options: CrewsOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#isHere = options.here;
    this.#isolation = new Isolation({
      newCrew: (inFlight) => this.#threadOf(this.#limits.workers + 1, inFlight),
      place: (job, crew) => this.#place(job, crew),
      release: (job) => this.#assign(job),
      onVerdict: options.onVerdict,
      closeCrew: (crew) => this.#closeCrew(crew),
    });
    this.#looking = setInterval(() => this.#look(), lookEvery);
  }

  set limits(limits: PoolLimits) {
    this.#limits = limits;
    this.#balance();
    for (const crew of this.#crews) crew.limits = this.#shareOf(limits);
  }

  /** These are about to be taken. */
  *expect(watches: Iterable<{ readonly check: Check }>): Work<void> {
    let coming = 0;
    let haveRoomHere = this.#load <= little;
    for (const { check } of watches) {
      coming += loadOf(check);
      haveRoomHere &&= this.#load + coming <= little && isBrief(check);
      yield;
    }
    if (this.#isClosed) return;
    if (!haveRoomHere) this.#leave();
    this.#balance(coming);
  }

  take(job: Job): void {
    this.#load += loadOf(job.check);
    this.#assign(job);
  }

  drop(jobs: readonly Job[]): void {
    for (const { check } of jobs) this.#load -= loadOf(check);
    for (const [crew, own] of byCrew(jobs)) crew.drop(own);
    for (const job of jobs) this.#isolation.forget(job);
  }

  /** The job with this number, whoever runs it by now; null where it is nobody's. */
  jobOf(id: number): Job | null {
    for (const crew of this.#allCrews()) {
      const job = crew.jobOf(id);
      if (job !== null) return job;
    }
    return null;
  }

  /** It has given a result. */
  noteAnswer(job: Job): void {
    if (job.crew === this.#isolation.crew) this.#isolation.noteAnswer(job);
  }

  /** Waits, for some seconds at most, until the workers have let go of their sockets. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#looking);
    await Promise.all([this.#closing, ...this.#allCrews().map((crew) => crew.close())]);
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
    job.crew = crew;
    crew.take(job);
  }

  #closeCrew(crew: Crew): void {
    this.#underWay.delete(crew);
    this.#closing = Promise.all([this.#closing, crew.close()]);
  }

  /** As many workers as the checks need, the load to come included, each with its share of those that are there. */
  #balance(coming = 0): void {
    const wanted = this.#size.of(this.#load + coming, this.#limits.workers);
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
      if (this.#options.tallies.of(job.place).at === null)
        job.first ??= soonest(now, job.check.interval, index, job.origin);
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
    const { entry, tallies, onReplaced } = this.#options;
    const run = (setting: RunnerSetting) => new Thread({ ...setting, entry, tallies: tallies.memory });
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
      run: (setting) => new SameThread({ ...setting, tallies: this.#options.tallies.memory, onNeed }),
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
      onNews: this.#options.onNews,
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

  #look(): void {
    const now = monotonic();
    // Whoever was suspended himself has not heard what the workers said meanwhile.
    const wasAway = now - this.#looked > 2 * lookEvery;
    this.#looked = now;
    for (const crew of this.#allCrews()) {
      if (wasAway) crew.excuse(now);
      else crew.look(now);
    }
    const shares = this.#crews.map((crew) => crew.takeShare());
    if (shares.length < this.#limits.workers && this.#size.areTooFew(shares, this.#load)) this.#balance();
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

/** By who runs them. */
export function byCrew(jobs: readonly Job[]): Map<Crew, Job[]> {
  const found = new Map<Crew, Job[]>();
  for (const job of jobs) {
    if (job.crew === null) continue;
    const own = found.get(job.crew);
    if (own === undefined) found.set(job.crew, [job]);
    else own.push(job);
  }
  return found;
}
