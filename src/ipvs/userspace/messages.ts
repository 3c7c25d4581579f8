/** What the main thread and the balancer's say to each other. */

import type { MessagePort } from 'node:worker_threads';
import type { HeldDescriptors } from '../../system/held-descriptors.js';
import type { Failure, Operation } from '../backend.js';
import type { Counted } from './counts.js';
import type { Limits } from './limits.js';

export interface Beginning {
  readonly limits: Limits;
  readonly descriptors: HeldDescriptors;
  /** Where its orders come in, and the descriptor by which it is woken for them. */
  readonly orders: MessagePort;
  readonly waker: number;
  /** Of the main thread: its first number grows with each turn, and where the second one is 1 the thread ends. */
  readonly signs: Int32Array;
}

/** Of `signs`. */
export const turnsSign = 0;
export const endSign = 1;

/** One operation, with what its thread cannot know. */
export interface Task {
  readonly operation: Operation;
  /** Where the service or destination that it adds is to be counted; null for others. */
  readonly place: Counted | null;
  /** Keys of services that stop listening before this one begins to. */
  readonly room: readonly string[];
}

export interface Order {
  readonly id: number;
  readonly tasks: readonly Task[];
}

export type Report =
  /** What became of an order: a place for each of its tasks. */
  | { readonly type: 'done'; readonly id: number; readonly results: readonly (Failure | null)[] }
  | { readonly type: 'trouble'; readonly object: string; readonly failure: Failure };
