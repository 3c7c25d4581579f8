/** A thread that loads probes once, to see whether that works, and ends with what it has loaded. */

import { parentPort, workerData } from 'node:worker_threads';
import { loadProbes } from '../probes/index.js';
import type { Check } from '../probes/probe.js';
import type { Loaded } from './loadable.js';

/** Ends at the first that fails. */
async function load(checks: readonly (readonly [kind: string, check: Check])[]): Promise<Loaded> {
  for (const [kind, check] of checks) {
    try {
      await loadProbes(check);
    } catch (error) {
      return { failed: kind, reason: (error as Error).message };
    }
  }
  return { failed: null };
}

parentPort?.postMessage(await load(workerData));
