/**
 * The balancer's threads together: one that accepts and chooses, and others that carry connections beside it. Where that
 * one ends, all do; another one is replaced by itself, and nobody else's connections are touched.
 */

import { MessageChannel } from 'node:worker_threads';
import { Restarts } from '../../system/restarts.js';
import type { Failure } from '../backend.js';
import { type CarrierMail, fromCarrier, toCarrier } from './carrier-mail.js';
import { ChoosingThread } from './choosing-thread.js';
import type { Limits } from './limits.js';
import { newMail } from './mail.js';
import type { Task } from './messages.js';
import type { OnTrouble } from './shortage.js';
import { BalancerThread } from './thread.js';

export interface ThreadsOptions {
  /** What runs in each. */
  readonly entry: URL;
  readonly limits: Limits;
  /** How many there are, from 1 on. */
  readonly threads: number;
  readonly onTrouble: OnTrouble;
  /** None serves any more, and everything that they held is closed; not called where they were told to end. */
  readonly onFailure: (reason: string) => void;
}

/** One that carries, and the next one in its place. */
interface Seat {
  readonly number: number;
  readonly restarts: Restarts;
  thread: BalancerThread | null;
  waiting: NodeJS.Timeout | null;
}

export class BalancerThreads {
  readonly #options: ThreadsOptions;
  readonly #choosing: ChoosingThread;
  readonly #seats: readonly Seat[];
  #isEnding = false;

  /** Throws where the machine has no room for a thread that chooses. */
  constructor(options: ThreadsOptions) {
    this.#options = options;
    this.#choosing = new ChoosingThread({ ...options, onEnded: () => this.#endCarriers() });
    this.#seats = Array.from({ length: options.threads - 1 }, (_, index) => {
      return { number: index + 1, restarts: new Restarts(), thread: null, waiting: null };
    });
    for (const seat of this.#seats) this.#start(seat);
  }

  apply(tasks: readonly Task[]): Promise<readonly (Failure | null)[]> {
    return this.#choosing.apply(tasks);
  }

  /** Every connection is reset, and every address free. */
  async close(): Promise<void> {
    this.#isEnding = true;
    await this.#choosing.close();
  }

  /** Once nobody hands them anything. */
  async #endCarriers(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(
      this.#seats.map((seat) => {
        if (seat.waiting !== null) clearTimeout(seat.waiting);
        return seat.thread?.close();
      }),
    );
  }

  #start(seat: Seat): void {
    seat.restarts.begin(performance.now());
    const { entry, limits, threads } = this.#options;
    const { port1, port2 } = new MessageChannel();
    try {
      const mail: CarrierMail = { handing: newMail(toCarrier), telling: newMail(fromCarrier) };
      const thread = new BalancerThread({
        ...{ entry, limits, threads },
        work: { carries: { ...mail, introductions: port2, waker: this.#choosing.waker } },
        port: port2,
        onReport: ({ type }) => {
          const { waker, descriptors } = thread;
          const { number } = seat;
          if (type === 'serves')
            this.#choosing.join({ type: 'joins', number, ...mail, introductions: port1, waker, descriptors });
        },
        onEnded: () => this.#choosing.leave(seat.number),
        onFailure: (reason) => this.#replace(seat, reason),
      });
      seat.thread = thread;
    } catch (error) {
      port1.close();
      this.#replace(seat, error instanceof Error ? error.message : String(error));
    }
  }

  #replace(seat: Seat, reason: string): void {
    seat.thread = null;
    if (this.#isEnding) return;
    const message = `one of its threads is replaced, and the connections that it carried were reset: ${reason}`;
    this.#options.onTrouble('userspace balancer', { code: 'EIO', message });
    seat.waiting = setTimeout(() => {
      seat.waiting = null;
      this.#start(seat);
    }, seat.restarts.fail(performance.now()));
    seat.waiting.unref();
  }
}
