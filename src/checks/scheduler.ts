/** When to probe: every check on its own time, at a fixed cadence, with a bound on how many run at once. */

import { CheckSignal } from '../probes/check-signal.js';
import type { Stage } from '../probes/index.js';
import type { Check, ProbeResult, Verdict } from '../probes/probe.js';
import { Timed, TimerWheel } from '../probes/timer-wheel.js';
import { monotonic } from '../system/clock.js';
import { DoingNotes } from './doing.js';
import { type Connects, countConnect, firstConnects, stageOf } from './stages.js';
import { newSums, type Sums, takeResult, takeStart } from './sums.js';
import type { Timing } from './timing.js';

export interface Limits {
  /** Probes in flight at most; the rest wait their turn. */
  readonly inFlight: number;
  /** The share of an interval, from 0 to 1, by which a check may be late at random. */
  readonly jitter: number;
}

export interface SchedulerOptions<Subject = void> {
  /** Asks once, and tells what came of it: later, once, and soon after the signal where that aborts. Must not throw. */
  readonly run: (check: Check, stage: Stage, signal: CheckSignal, told: (result: ProbeResult) => void) => void;
  /** Says in how many milliseconds it is to run again; null is on its cadence. `now` is of the clock that all threads share. */
  readonly onResult: (id: number, result: ProbeResult, subject: Subject, now: number) => number | null;
  readonly limits: Limits;
  /** Where what is under way is written down. */
  readonly doing?: DoingNotes;
}

/** Milliseconds until a check without a verdict is run again, doubled each time, up to its interval. */
const firstRetry = 250;
const mostDoublings = 16;

class Task<Subject> extends Timed {
  readonly id: number;
  readonly check: Check;
  /** What whoever gave the check wants to have at hand with its results: to look it up takes longer than all else there. */
  readonly subject: Subject;
  readonly origin: number;
  /** Of the probe under way. */
  signal: CheckSignal | null = null;
  dropped = false;
  /** How many intervals after its origin it last ran or is to run: whole in a slot, in fractions out of turn. */
  turn: number;
  connects: Connects;
  /** Runs in a row that gave no verdict. */
  hindered = 0;

  constructor(id: number, check: Check, { first, origin }: Timing, subject: Subject) {
    super(first);
    this.id = id;
    this.check = check;
    this.subject = subject;
    this.connects = firstConnects(check);
    this.origin = origin;
    this.turn = (first - origin) / check.interval;
  }
}

export class CheckScheduler<Subject = void> {
  readonly #options: SchedulerOptions<Subject>;
  #limits: Limits;
  readonly #doing: DoingNotes;
  readonly #tasks = new Map<number, Task<Subject>>();
  readonly #wheel = new TimerWheel<Task<Subject>>((task) => this.#begin(task));
  /** Tasks that are due and wait for a place, in order. */
  readonly #waiting = new Set<Task<Subject>>();
  #running = 0;
  /** Called when nothing runs any more. */
  #onIdle: (() => void) | null = null;
  #sums = newSums();

  constructor(options: SchedulerOptions<Subject>) {
    this.#options = options;
    this.#limits = options.limits;
    this.#doing = options.doing ?? new DoingNotes();
  }

  set limits(limits: Limits) {
    this.#limits = limits;
  }

  /** Begins with a check; one that has the identity already goes. */
  add(id: number, check: Check, timing: Timing, subject: Subject): void {
    this.remove(id);
    const task = new Task(id, check, timing, subject);
    this.#tasks.set(id, task);
    this.#wheel.add(task);
  }

  /** What came with a check; null where it is not there. */
  subjectOf(id: number): Subject | null {
    return this.#tasks.get(id)?.subject ?? null;
  }

  /** The check is no longer run, and a result still under way is dropped. */
  remove(id: number): void {
    const task = this.#tasks.get(id);
    if (task === undefined) return;
    this.#tasks.delete(id);
    task.dropped = true;
    this.#wheel.remove(task);
    this.#waiting.delete(task);
    task.signal?.abort(new Error('the check was dropped'));
  }

  /**
   * Runs a check after so many milliseconds at the latest, and then on its cadence; one that is under way or waits for
   * a place is left alone.
   */
  hurry(id: number, pause = 0): void {
    const task = this.#tasks.get(id);
    const due = monotonic() + pause;
    if (task === undefined || task.slot === null || task.due <= due) return;
    this.#wheel.remove(task);
    task.due = due;
    task.turn = (due - task.origin) / task.check.interval;
    if (pause > 0) this.#wheel.add(task);
    else this.#begin(task);
  }

  /** What happened since this was last asked for, and what is under way. */
  takeSums(): Sums {
    const sums = this.#sums;
    this.#sums = newSums();
    return { ...sums, running: this.#running, waiting: this.#waiting.size };
  }

  /** Drops every check and waits until the probes under way have let go of their sockets. */
  async close(): Promise<void> {
    for (const id of [...this.#tasks.keys()]) this.remove(id);
    this.#wheel.close();
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
  }

  #begin(task: Task<Subject>): void {
    if (this.#running >= this.#limits.inFlight) {
      this.#waiting.add(task);
      return;
    }
    this.#running += 1;
    takeStart(this.#sums, monotonic() - task.due);
    const stage = stageOf(task.check, task.connects);
    task.signal = new CheckSignal();
    const noted = this.#doing.begin(task.id);
    this.#options.run(task.check, stage, task.signal, (result) => {
      this.#doing.end(noted);
      this.#end(task, stage, result);
    });
  }

  #end(task: Task<Subject>, stage: Stage, result: ProbeResult): void {
    this.#running -= 1;
    task.signal = null;
    if (!task.dropped) {
      const now = monotonic();
      task.connects = countConnect(task.check, stage, result.ok, task.connects);
      takeResult(this.#sums, result);
      this.#rest(task, result.ok, this.#options.onResult(task.id, result, task.subject, now), now);
    }
    if (this.#waiting.size > 0) this.#beginWaiting();
    if (this.#running === 0) this.#onIdle?.();
  }

  #beginWaiting(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#begin(next);
  }

  /**
   * Until the next slot, or for another pace. Slots that passed meanwhile are left out: a slow server is never asked
   * twice at once. One is skipped where a whole interval more than usual passes: who ran out of turn shortly before a
   * slot has not missed it.
   */
  #rest(task: Task<Subject>, ok: Verdict, pace: number | null, now: number): void {
    const { interval } = task.check;
    if (pace === null) {
      const turn = Math.floor(Math.max(task.turn, (now - task.origin) / interval)) + 1;
      this.#sums.skipped += Math.max(0, Math.floor(turn - task.turn) - 1);
      task.turn = turn;
      task.due = task.origin + task.turn * interval;
    } else {
      task.due = Math.max(now, task.due + pace);
      task.turn = (task.due - task.origin) / interval;
    }
    const late = this.#limits.jitter > 0 ? Math.random() * this.#limits.jitter * (pace ?? interval) : 0;
    task.due += late;
    if (ok !== null) task.hindered = 0;
    else this.#retry(task, now);
    this.#wheel.add(task);
  }

  /** Soon where nobody could ask, in no slot of its own; not all at once, for what there was too little of. */
  #retry(task: Task<Subject>, now: number): void {
    const pause = firstRetry * 2 ** Math.min(task.hindered, mostDoublings) * (1 + Math.random());
    task.hindered += 1;
    const due = now + pause;
    if (due >= task.due) return;
    task.due = due;
    task.turn = (due - task.origin) / task.check.interval;
  }
}
