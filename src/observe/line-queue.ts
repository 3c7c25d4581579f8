/** Lines on their way to a place that may be slow, full or away: bounded, tried again, and what is lost is counted. */

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Delivery {
  /** Of the lines, in order, how many arrived. */
  readonly taken: number;
  /** Why the others did not, `EAGAIN` where the reader is slow; null where all did. */
  readonly trouble: string | null;
}

/** How delivery goes. */
export interface Course {
  readonly failing: boolean;
  /** Why it fails, or did. */
  readonly reason: string;
  /** Lines that were lost since this was last said. */
  readonly lost: number;
}

export interface LineQueueOptions {
  /** Takes a few lines. Must not reject; lines that were not taken are given again. */
  readonly deliver: (lines: readonly string[]) => Promise<Delivery>;
  /** Called when delivery begins to fail or is well again, and now and then while lines are lost. It may write. */
  readonly onCourse: (course: Course) => void;
  /** Characters that wait at most; what comes on top of that is lost and counted. */
  readonly bound?: number;
  /** Milliseconds until delivery is tried again after trouble. */
  readonly retryDelay?: number;
}

/** Twice what there is to say when the servers of the largest known installation all fail at once. */
const defaultBound = 16 * 1024 * 1024;
/** Characters that are delivered at once, so that a long queue goes out in a few writes. */
const batchSize = 64 * 1024;
/** Milliseconds until a reader that is slow is tried again, at first. */
const slowDelay = 20;
/** Milliseconds for which a reader that takes nothing is only slow: a terminal that is paused, a pipe that is full. */
const slowPatience = 5_000;
/** Milliseconds after which lines that go on to be lost are told again. */
const tellAgainAfter = 60_000;

export class LineQueue {
  readonly #options: Required<LineQueueOptions>;
  #lines: string[] = [];
  #size = 0;
  #lost = 0;
  /** The latest; empty where delivery has always gone well. */
  #trouble = '';
  /** Since when nothing has been taken. */
  #stuckSince: number | null = null;
  /** When it was last said that delivery fails. */
  #toldAt: number | null = null;
  #slowness = slowDelay;
  #retry: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #closed = false;
  #over = false;

  constructor(options: LineQueueOptions) {
    this.#options = { bound: defaultBound, retryDelay: 1_000, ...options };
  }

  /** Returns at once; delivery goes on by itself. */
  write(line: string): void {
    if (this.#closed || this.#size + line.length > this.#options.bound) {
      this.#lost += 1;
      return;
    }
    this.#lines.push(line);
    this.#size += line.length;
    if (this.#retry === null) void this.#start();
  }

  /** Tries once more to deliver everything, for so many milliseconds at most; what is left is lost. */
  async close(patience = 2_000): Promise<void> {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([expired, this.#start()]);
    clearTimeout(timer);
    this.#over = true;
    this.#lost += this.#lines.length;
    this.#tellOfEnd();
  }

  #start(): Promise<void> {
    this.#running ??= this.#run();
    return this.#running;
  }

  async #run(): Promise<void> {
    // Lines that are written in the same turn go out together.
    await Promise.resolve();
    while (this.#lines.length > 0 && !this.#over) {
      const { taken, trouble } = await this.#options.deliver(this.#batch());
      if (this.#over) return;
      for (const line of this.#lines.splice(0, taken)) this.#size -= line.length;
      if (trouble === null) this.#tellOfEnd();
      else if (!(await this.#goOnAfter(trouble, taken > 0))) break;
    }
    this.#running = null;
  }

  /** Whether delivery is to be tried again at once; otherwise it will be later, by itself. */
  async #goOnAfter(trouble: string, hasMoved: boolean): Promise<boolean> {
    this.#tellOf(trouble, hasMoved, performance.now());
    const isSlow = trouble === 'EAGAIN';
    if (this.#closed) {
      if (isSlow) await sleep(slowDelay);
      return isSlow;
    }
    const { retryDelay } = this.#options;
    this.#slowness = hasMoved ? slowDelay : Math.min(retryDelay, 2 * this.#slowness);
    this.#retryAfter(isSlow ? Math.min(retryDelay, this.#slowness) : retryDelay);
    return false;
  }

  #batch(): string[] {
    let size = 0;
    const end = this.#lines.findIndex((line) => {
      size += line.length;
      return size > batchSize;
    });
    return end < 0 ? [...this.#lines] : this.#lines.slice(0, Math.max(1, end));
  }

  #retryAfter(delay: number): void {
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.#start();
    }, delay);
    this.#retry.unref();
  }

  #tellOf(trouble: string, hasMoved: boolean, now: number): void {
    this.#trouble = trouble;
    if (hasMoved) this.#stuckSince = null;
    this.#stuckSince ??= now;
    const isFailing = trouble !== 'EAGAIN' || now - this.#stuckSince >= slowPatience || this.#lost > 0;
    const isNews = this.#toldAt === null ? isFailing : this.#lost > 0 && now - this.#toldAt >= tellAgainAfter;
    if (!isNews) return;
    this.#toldAt = now;
    this.#tell(true);
  }

  /** Delivery goes well, or there will be none any more. */
  #tellOfEnd(): void {
    const isNews = this.#toldAt !== null || this.#lost > 0;
    this.#toldAt = null;
    this.#stuckSince = null;
    this.#slowness = slowDelay;
    if (isNews) this.#tell(false);
    this.#trouble = '';
  }

  #tell(failing: boolean): void {
    const course = { failing, reason: this.#trouble || 'they came too fast', lost: this.#lost };
    this.#lost = 0;
    this.#options.onCourse(course);
  }
}
