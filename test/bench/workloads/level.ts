/** Whether what a process holds is level: a third of the time in beside the end. */

import { readdir } from 'node:fs/promises';
import { memory } from '../processes.js';
import type { Measure, Readings } from '../results.js';
import { median } from '../statistics.js';

export interface Sample {
  /** MB. */
  readonly resident: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Milliseconds; NaN where nothing was said of it. */
  readonly late: number;
}

/** Of each, its unit and by how many percent it may be more in the end. */
const kinds: Readonly<Record<keyof Sample, { readonly name: string; readonly unit: string; readonly growth: number }>> =
  {
    resident: { name: 'resident', unit: 'MB', growth: 5 },
    descriptors: { name: 'descriptors', unit: '', growth: 0 },
    threads: { name: 'threads', unit: '', growth: 0 },
    late: { name: 'late p99', unit: 'ms', growth: 25 },
  };
const keys = Object.keys(kinds) as (keyof Sample)[];

export const levelMeasures: readonly Measure[] = keys.flatMap((key) => {
  const { name, unit, growth } = kinds[key];
  return [
    { name: `${name}, second sixth`, unit },
    { name: `${name}, last sixth`, unit },
    { name: `${name}: growth`, unit: '%', goals: [{ kind: 'at-most', value: growth }] },
  ];
});

/** Of a process, and of what it has said since the sample before of how late its checks were. */
export async function sampleOf(pid: number, late: readonly number[]): Promise<Sample> {
  const { resident } = await memory(pid);
  const [descriptors, threads] = await Promise.all([readdir(`/proc/${pid}/fd`), readdir(`/proc/${pid}/task`)]);
  return {
    resident,
    descriptors: descriptors.length,
    threads: threads.length,
    late: late.length === 0 ? Number.NaN : median(late),
  };
}

/** Medians, so that what is open for a moment does not count. */
export function levelOf(samples: readonly Sample[]): Readings {
  const sixth = (index: number): readonly Sample[] =>
    samples.slice(Math.floor((samples.length * index) / 6), Math.floor((samples.length * (index + 1)) / 6));
  const readings = keys.flatMap((key) => {
    const middle = (some: readonly Sample[]): number =>
      median(some.map((one) => one[key]).filter((value) => !Number.isNaN(value)));
    const [before, after] = [middle(sixth(1)), middle(sixth(5))];
    const { name } = kinds[key];
    return [
      [`${name}, second sixth`, before],
      [`${name}, last sixth`, after],
      [`${name}: growth`, (100 * (after - before)) / before],
    ];
  });
  return Object.fromEntries(readings);
}
