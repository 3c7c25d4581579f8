/** What the process itself costs, and how late its loop is. */

import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface ProcessSample {
  /** Seconds. */
  readonly cpu: number;
  /** Seconds since 1970. */
  readonly started: number;
  /** Bytes. */
  readonly resident: number;
  readonly heap: number;
  /** Seconds, since the sample before. */
  readonly loopDelay: Readonly<Record<'p50' | 'p99' | 'max', number>>;
}

/** Milliseconds from one look at the loop to the next. */
const resolution = 20;

export class ProcessMeter {
  readonly #delay = monitorEventLoopDelay({ resolution });

  constructor() {
    this.#delay.enable();
  }

  take(): ProcessSample {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const delay = this.#delay;
    const loopDelay = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
    delay.reset();
    return {
      cpu: (user + system) / 1e6,
      started: performance.timeOrigin / 1000,
      resident: rss,
      heap: heapUsed,
      loopDelay,
    };
  }

  close(): void {
    this.#delay.disable();
  }
}

/** Seconds, from nanoseconds between two looks: what they are more than they ought to be. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolution / 1000);
}
