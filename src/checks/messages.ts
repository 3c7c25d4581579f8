/** What the main thread and its workers say to each other. */

import type { Keeping } from '../probes/keeping.js';
import type { CheckResult } from '../probes/probe.js';
import type { HeldProcesses } from '../probes/programs/held-processes.js';
import type { SentCheck } from '../probes/server-check.js';
import type { HeldDescriptors } from '../system/held-descriptors.js';
import type { Account } from './account.js';
import type { Interest } from './assignment.js';
import type { Doing } from './doing.js';
import type { Limits } from './scheduler.js';
import type { Sums } from './sums.js';
import type { Timing } from './timing.js';

/** What a worker may take. */
export interface WorkerLimits extends Limits {
  readonly keeping: Keeping;
}

/** What a worker begins with. */
export interface Task {
  readonly limits: WorkerLimits;
  readonly doing: Doing;
  /** Of `Tallies`. */
  readonly tallies: SharedArrayBuffer;
}

/** In a thread of its own. */
export interface Beginning extends Task {
  readonly processes: HeldProcesses;
  readonly descriptors: HeldDescriptors;
}

/** A check by a number that the main thread gives it. */
export interface Ordered extends Timing {
  readonly id: number;
  readonly check: SentCheck;
  readonly interest: Interest;
  /** Its place among the tallies. */
  readonly place: number;
}

export type Order =
  | { readonly type: 'begin'; readonly checks: readonly Ordered[] }
  | { readonly type: 'end'; readonly ids: readonly number[] }
  /** From now on this is wanted of a check's results, and the next one is told in any case. */
  | { readonly type: 'tell'; readonly interests: readonly (readonly [id: number, interest: Interest])[] }
  /** Run these soon, one after another, unless they are under way. */
  | { readonly type: 'hurry'; readonly ids: readonly number[] }
  /** What has a check given? The question is a number, for the answer. */
  | { readonly type: 'ask'; readonly question: number; readonly id: number }
  | { readonly type: 'limits'; readonly limits: WorkerLimits }
  /** Let go of everything, and exit. */
  | { readonly type: 'close' };

export type Report =
  | { readonly type: 'news'; readonly results: readonly (readonly [id: number, result: CheckResult])[] }
  /** Comes once a second, and so is the sign of life. */
  | { readonly type: 'sums'; readonly sums: Sums }
  /** Null where the thread has no such check. */
  | { readonly type: 'account'; readonly question: number; readonly account: Account | null };

/** Milliseconds from one sum to the next. */
export const sumsEvery = 1000;
