/** The thread that accepts and chooses, as it is ordered; all of an order is answered. */

import { MessageChannel, type MessagePort, type TransferListItem } from 'node:worker_threads';
import type { Failure } from '../backend.js';
import type { CarrierJoins } from './carrier-mail.js';
import type { Limits } from './limits.js';
import type { Report, Task, Word } from './messages.js';
import type { OnTrouble } from './shortage.js';
import { BalancerThread } from './thread.js';

export interface ChoosingOptions {
  readonly entry: URL;
  readonly limits: Limits;
  readonly threads: number;
  readonly onTrouble: OnTrouble;
  /** It has ended, or cannot go on; before what it held is closed, and after that. */
  readonly onEnded: () => Promise<void>;
  readonly onFailure: (reason: string) => void;
}

interface Question {
  readonly count: number;
  readonly resolve: (results: readonly (Failure | null)[]) => void;
}

export class ChoosingThread {
  readonly #thread: BalancerThread;
  readonly #orders: MessagePort;
  readonly #onTrouble: OnTrouble;
  readonly #questions = new Map<number, Question>();
  /** Who waits for a carrier to have left, by its number. */
  readonly #leaving = new Map<number, () => void>();
  #lastQuestion = 0;

  /** Throws where the machine has no room for another thread. */
  constructor({ onTrouble, onEnded, ...options }: ChoosingOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#orders = port1;
    this.#onTrouble = onTrouble;
    this.#thread = new BalancerThread({
      ...options,
      work: { orders: port2 },
      port: port2,
      onReport: (report) => this.#hear(report),
      onEnded: () => {
        this.#giveUp();
        return onEnded();
      },
    });
    port1.unref();
  }

  get waker(): number {
    return this.#thread.waker;
  }

  /** What became of each; all of them unanswered where the thread is gone before it is done. */
  apply(tasks: readonly Task[]): Promise<readonly (Failure | null)[]> {
    if (this.#thread.ending !== null) return Promise.resolve(this.#unanswered(tasks.length));
    this.#lastQuestion += 1;
    const id = this.#lastQuestion;
    return new Promise((resolve) => {
      this.#questions.set(id, { count: tasks.length, resolve });
      this.#tell({ type: 'order', id, tasks });
    });
  }

  /** It hands connections over to another thread from now on. */
  join(joining: CarrierJoins): void {
    try {
      this.#tell(joining, [joining.introductions]);
    } catch {
      // It has ended since it said that it serves, and the way to it with it: its end is yet to be told.
    }
  }

  /** Settles when nothing is handed any more to who has ended. */
  leave(number: number): Promise<void> {
    if (this.#thread.ending !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#leaving.set(number, resolve);
      this.#tell({ type: 'leaves', number });
    });
  }

  close(): Promise<void> {
    return this.#thread.close();
  }

  #tell(word: Word, transfer: TransferListItem[] = []): void {
    this.#orders.postMessage(word, transfer);
    this.#thread.wake();
  }

  #hear(report: Report): void {
    switch (report.type) {
      case 'trouble':
        this.#onTrouble(report.object, report.failure);
        break;
      case 'serves':
        break;
      case 'left':
        this.#leaving.get(report.number)?.();
        this.#leaving.delete(report.number);
        break;
      case 'done': {
        const question = this.#questions.get(report.id);
        this.#questions.delete(report.id);
        question?.resolve(report.results);
      }
    }
  }

  /** Nobody answers any more. */
  #giveUp(): void {
    this.#orders.close();
    for (const { count, resolve } of this.#questions.values()) resolve(this.#unanswered(count));
    this.#questions.clear();
    for (const resolve of this.#leaving.values()) resolve();
    this.#leaving.clear();
  }

  #unanswered(count: number): Failure[] {
    const message = `the balancer's thread is gone: ${this.#thread.ending ?? 'it was closed'}`;
    return Array.from({ length: count }, () => ({ code: 'EIO', message, unanswered: true }));
  }
}
