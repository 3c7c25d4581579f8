/** What runs at times of the calendar, by cron expressions in local time. */

import { type Calendar, calendarOf } from './calendar.js';

/** By a name of the caller's own. */
export interface Job {
  /** Null is never. */
  readonly expression: string | null;
  /** Must not reject. */
  readonly run: () => void | Promise<void>;
}

interface Scheduled {
  readonly expression: string;
  readonly calendar: Calendar;
  readonly run: Job['run'];
  running: boolean;
}

const second = 1_000;
/** Milliseconds of a standstill after which what lay in it is not made up for. */
const longestStandstill = 5 * 60 * second;

export class Jobs {
  readonly #jobs = new Map<string, Scheduled>();
  /** Milliseconds since 1970 up to which the calendar has been looked at. */
  #seen = 0;
  #timer: NodeJS.Timeout | null = null;

  /** Takes over a set of jobs. One whose expression stays is left alone. Throws where an expression is none. */
  set(jobs: Readonly<Record<string, Job>>): void {
    for (const [name, { expression }] of this.#jobs) {
      if (jobs[name]?.expression !== expression) this.#jobs.delete(name);
    }
    for (const [name, { expression, run }] of Object.entries(jobs)) {
      if (expression === null || this.#jobs.has(name)) continue;
      this.#jobs.set(name, { expression, calendar: calendarOf(expression), run, running: false });
    }
    if (this.#jobs.size === 0) this.close();
    else if (this.#timer === null) this.#begin();
  }

  close(): void {
    this.#jobs.clear();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(): void {
    this.#seen = Date.now();
    this.#lookAgain();
  }

  #lookAgain(): void {
    this.#timer = setTimeout(() => this.#look(), second - (Date.now() % second)).unref();
  }

  #look(): void {
    const now = Date.now();
    // A machine that slept, or a clock that was set, begins anew.
    const passed = now - this.#seen;
    const after = passed >= 0 && passed <= longestStandstill ? this.#seen : now - second;
    this.#seen = now;
    for (const job of this.#jobs.values()) if (!job.running && job.calendar(after, now)) void start(job);
    this.#lookAgain();
  }
}

/** A run that takes longer than its period is not joined by a second one. */
async function start(job: Scheduled): Promise<void> {
  job.running = true;
  await job.run();
  job.running = false;
}
