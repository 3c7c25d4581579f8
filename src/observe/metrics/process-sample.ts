/** What the process itself costs, and how late its loop is. */

import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

export interface ProcessSample {
  /** Seconds. */
  readonly cpu: number;
  /** Seconds since 1970. */
  readonly started: number;
  /** Bytes; null where the kernel does not say. */
  readonly resident: number | null;
  /** Bytes. */
  readonly heap: number;
  /** Seconds, of the last one to two minutes. */
  readonly loopDelay: Readonly<Record<'p50' | 'p99' | 'max', number>>;
}

/** Milliseconds from one look at the loop to the next. */
const resolution = 20;

/** Milliseconds after which a measurement of the loop begins anew. */
const span = 60_000;

/**
 * The loop is measured twice at a time, one begun a span before the other: what is read are the last one to two spans,
 * whoever else reads.
 */
export class ProcessMeter {
  #older = startMeasuring();
  #newer = startMeasuring();
  readonly #renewing: NodeJS.Timeout;

  constructor() {
    this.#renewing = setInterval(() => {
      const renewed = this.#older;
      renewed.reset();
      this.#older = this.#newer;
      this.#newer = renewed;
    }, span);
  }

  take(): ProcessSample {
    const { user, system } = process.cpuUsage();
    const delay = this.#older;
    const loopDelay = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
    return {
      cpu: (user + system) / 1e6,
      started: performance.timeOrigin / 1000,
      resident: residentMemory(),
      heap: getHeapStatistics().used_heap_size,
      loopDelay,
    };
  }

  close(): void {
    clearInterval(this.#renewing);
    this.#older.disable();
    this.#newer.disable();
  }
}

/** Of /proc, which can be hidden. */
function residentMemory(): number | null {
  try {
    return process.memoryUsage.rss();
  } catch {
    return null;
  }
}

function startMeasuring(): IntervalHistogram {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  return delay;
}

/** Seconds, from nanoseconds between two looks: what they are more than they ought to be. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e9 - resolution / 1000);
}
