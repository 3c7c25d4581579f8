/** When to probe: every check on its own time, at a fixed cadence, with a bound on how many run at once. */

import type { Stage } from '../probes/index.js';
import type { Check, ProbeResult } from '../probes/probe.js';
import { countConnect, stageOf } from './stages.js';

export interface SchedulerOptions {
  /** Asks once; must not reject, and must settle soon after the signal. */
  readonly run: (check: Check, stage: Stage, cancel: AbortSignal) => Promise<ProbeResult>;
  readonly onResult: (key: string, result: ProbeResult) => void;
  /** Probes in flight at most; the rest wait their turn. */
  readonly limit?: number;
}

interface Task {
  readonly key: string;
  readonly check: Check;
  timer: NodeJS.Timeout | null;
  /** Cuts off the probe under way when the check is dropped. */
  readonly cancel: AbortController;
  /** The slot that it last ran in, in milliseconds of performance.now(). */
  due: number;
  connects: number;
}

/** First checks follow each other this closely, so that a start decides soon and still opens no flood. */
const firstCheckSpacing = 2;
/** High, because a server that says nothing holds its place for its whole timeout; each probe takes a descriptor or two. */
const defaultLimit = 8192;

export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #limit: number;
  readonly #tasks = new Map<string, Task>();
  /** Tasks that are due and wait for a place, in order. */
  readonly #waiting = new Set<Task>();
  readonly #running = new Set<Promise<void>>();

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#limit = options.limit ?? defaultLimit;
  }

  /**
   * Takes over a new set of checks by key. A check that stays keeps its due time; one that goes is no
   * longer run, and a result still under way is dropped.
   */
  update(checks: ReadonlyMap<string, Check>): void {
    for (const [key, task] of this.#tasks) if (!checks.has(key)) this.#drop(task);
    const added = [...checks].filter(([key]) => !this.#tasks.has(key));
    const now = performance.now();
    added.forEach(([key, check], index) => {
      const task: Task = {
        key,
        check,
        timer: null,
        cancel: new AbortController(),
        // The first check comes soon; from the second on they are spread evenly over their interval.
        due: now + (index / added.length - 1) * check.interval,
        connects: 0,
      };
      this.#tasks.set(key, task);
      this.#arm(task, now + Math.min(index * firstCheckSpacing, (index / added.length) * check.interval));
    });
  }

  /** Drops every check and waits until the probes under way have let go of their sockets. */
  async close(): Promise<void> {
    for (const task of this.#tasks.values()) this.#drop(task);
    await Promise.all(this.#running);
  }

  #drop(task: Task): void {
    if (task.timer) clearTimeout(task.timer);
    task.timer = null;
    task.cancel.abort();
    this.#waiting.delete(task);
    this.#tasks.delete(task.key);
  }

  #arm(task: Task, at: number): void {
    task.timer = setTimeout(() => this.#begin(task), Math.max(0, at - performance.now()));
  }

  #begin(task: Task): void {
    task.timer = null;
    if (this.#running.size >= this.#limit) {
      this.#waiting.add(task);
      return;
    }
    const probe = this.#probe(task).finally(() => {
      this.#running.delete(probe);
      const [next] = this.#waiting;
      if (!next) return;
      this.#waiting.delete(next);
      this.#begin(next);
    });
    this.#running.add(probe);
  }

  async #probe(task: Task): Promise<void> {
    const stage = stageOf(task.check, task.connects);
    const result = await this.#options.run(task.check, stage, task.cancel.signal);
    if (this.#tasks.get(task.key) !== task) return;
    task.connects = countConnect(task.check, stage, result.ok, task.connects);
    // Slots that passed while the probe ran are left out: a slow server is never asked twice at once.
    const { interval } = task.check;
    const late = performance.now() - task.due;
    task.due += Math.max(1, Math.ceil(late / interval)) * interval;
    this.#arm(task, task.due);
    this.#options.onResult(task.key, result);
  }
}
