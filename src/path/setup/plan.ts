/** What a machine lacks, as steps. */

import type { Need } from '../need.js';
import { changesFor } from '../needs/change.js';
import type { Facts } from './facts.js';
import { filesFor } from './persist/files.js';
import { standingsOf } from './standing.js';
import type { Step } from './step.js';

export interface Plan {
  /** Of before, as the journal has it. */
  readonly begun: readonly Step[];
  /** Of these, what still stands and is to be taken back some day. */
  readonly kept: readonly Step[];
  /** In their order. */
  readonly steps: readonly Step[];
  /** What cannot be done, a sentence each. */
  readonly faults: readonly string[];
}

export function planOf(needs: readonly Need[], before: readonly Step[], facts: Facts, isKept: boolean): Plan {
  const kept = standingsOf(before, facts).flatMap(({ step, state }) => (state === 'gone' ? [] : [step]));
  const changes = eachOnce(needs.flatMap((need) => changesFor(need, facts.machine)));
  if (!isKept) return { begun: before, kept, steps: changes, faults: [] };
  // What somebody else has set is kept by somebody else.
  const ours = [...kept, ...changes].filter((step) => step.kind !== 'write-file' && step.kind !== 'make-directory');
  const files = filesFor(ours, facts);
  return { begun: before, kept, steps: [...changes, ...files.steps], faults: files.faults };
}

/** Two needs can ask for the same. */
function eachOnce<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}
