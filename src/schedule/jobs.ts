/** What runs at times of the calendar, by cron expressions in local time. */

import { createRequire } from 'node:module';
import type * as cron from 'node-cron';

/** Loads the package: at the first job, since most directors have none. */
const loadCron = (): typeof cron => createRequire(import.meta.url)('node-cron');

/** By a name of the caller's own. */
export interface Job {
  /** Null is never. */
  readonly expression: string | null;
  /** Must not reject. */
  readonly run: () => void | Promise<void>;
}

/** The package's own words are for developers; who misses a time finds that in what the jobs themselves log. */
const silent = { info() {}, warn() {}, error() {}, debug() {} };

export class Jobs {
  readonly #tasks = new Map<string, { readonly expression: string; readonly task: cron.ScheduledTask }>();

  /** Takes over a set of jobs. One whose expression stays keeps its next time. Throws where an expression is none. */
  set(jobs: Readonly<Record<string, Job>>): void {
    for (const [name, { expression }] of this.#tasks) {
      if (jobs[name]?.expression !== expression) this.#end(name);
    }
    for (const [name, { expression, run }] of Object.entries(jobs)) {
      if (expression === null || this.#tasks.has(name)) continue;
      // A run that takes longer than its period is not joined by a second one.
      const task = loadCron().schedule(expression, run, { noOverlap: true, unref: true, logger: silent });
      this.#tasks.set(name, { expression, task });
    }
  }

  close(): void {
    for (const name of [...this.#tasks.keys()]) this.#end(name);
  }

  #end(name: string): void {
    void this.#tasks.get(name)?.task.destroy();
    this.#tasks.delete(name);
  }
}
