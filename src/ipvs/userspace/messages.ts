/** What the main thread and the balancer's say to each other. */

import type { MessagePort } from 'node:worker_threads';
import type { HeldDescriptors } from '../../system/held-descriptors.js';
import type { Failure, Operation } from '../backend.js';
import type { CarrierEnd, CarrierJoins, CarrierLeaves } from './carrier-mail.js';
import type { Counted } from './counted.js';
import type { Limits } from './limits.js';

export interface Beginning {
  readonly limits: Limits;
  /** How many threads there are together. */
  readonly threads: number;
  readonly descriptors: HeldDescriptors;
  /** The descriptor by which it is woken. */
  readonly waker: number;
  /** Of the main thread: its first number grows with each turn, and where the second one is 1 the thread ends. */
  readonly signs: Int32Array;
  /** What it is for: it accepts and chooses, as it is ordered, or it carries what another one hands over. */
  readonly work: { readonly orders: MessagePort } | { readonly carries: CarrierEnd };
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
  readonly type: 'order';
  readonly id: number;
  readonly tasks: readonly Task[];
}

/** What the thread that chooses is told. */
export type Word = Order | CarrierJoins | CarrierLeaves;

export type Report =
  /** What became of an order: a place for each of its tasks. */
  | { readonly type: 'done'; readonly id: number; readonly results: readonly (Failure | null)[] }
  /** Who carries can be handed connections from now on. */
  | { readonly type: 'serves' }
  /** Nothing is handed any more to who has left, and what it carried counts as gone. */
  | { readonly type: 'left'; readonly number: number }
  | { readonly type: 'trouble'; readonly object: string; readonly failure: Failure };
