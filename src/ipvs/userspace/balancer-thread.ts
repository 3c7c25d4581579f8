/** The thread that serves: it waits for sockets and for orders, and Node's own loop does not run in it. */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { readable } from '../../system/epoll.js';
import { holdDescriptorsIn } from '../../system/held-descriptors.js';
import { takeWaking } from '../../system/libc-serving.js';
import type { Failure } from '../backend.js';
import { Balancer, type Step } from './balancer.js';
import { EventLoop, type Unfinished } from './event-loop.js';
import { type Beginning, endSign, type Order, type Report, turnsSign } from './messages.js';

/** Milliseconds of one turn for orders: connections wait meanwhile. */
const share = 4;

/** Carries orders out, in their order, a part in each turn. */
class Orders implements Unfinished {
  readonly #loop: EventLoop;
  readonly #balancer: Balancer;
  readonly #port: MessagePort;
  readonly #tell: (report: Report) => void;
  #order: Order | null = null;
  #steps: Generator<Step, void> | null = null;
  #results: (Failure | null)[] = [];
  #isUnfinished = false;

  constructor(loop: EventLoop, balancer: Balancer, port: MessagePort, tell: (report: Report) => void) {
    this.#loop = loop;
    this.#balancer = balancer;
    this.#port = port;
    this.#tell = tell;
  }

  /** There may be new ones. */
  take(): void {
    if (!this.#isUnfinished) this.goOn();
  }

  goOn(): void {
    this.#isUnfinished = false;
    const until = performance.now() + share;
    while (this.#next()) {
      if (!this.#work(until)) {
        this.#isUnfinished = true;
        this.#loop.later(this);
        return;
      }
    }
  }

  /** Whether there is one. */
  #next(): boolean {
    if (this.#order !== null) return true;
    const received = receiveMessageOnPort(this.#port) as { readonly message: Order } | undefined;
    if (received === undefined) return false;
    this.#order = received.message;
    this.#steps = this.#balancer.apply(this.#order.tasks);
    this.#results = [];
    return true;
  }

  /** Whether the order is done. */
  #work(until: number): boolean {
    for (;;) {
      const step = this.#steps?.next();
      if (step === undefined || step.done === true) break;
      if (step.value !== undefined) this.#results.push(step.value);
      if (performance.now() >= until) return false;
    }
    if (this.#order !== null) this.#tell({ type: 'done', id: this.#order.id, results: this.#results });
    this.#order = null;
    this.#steps = null;
    return true;
  }
}

export function serve(port: NonNullable<typeof parentPort>, beginning: Beginning): void {
  const { limits, descriptors, orders, waker, signs } = beginning;
  holdDescriptorsIn(descriptors);
  const tell = (report: Report): void => port.postMessage(report);
  const loop = new EventLoop();
  const balancer = new Balancer(loop, limits, (object, failure) => tell({ type: 'trouble', object, failure }));
  const queue = new Orders(loop, balancer, orders, tell);
  const onEvents = (): void => {
    takeWaking(waker);
    queue.take();
  };
  loop.watch({ descriptor: waker, onEvents }, readable);
  // What was ordered before it waited.
  queue.take();
  while (Atomics.load(signs, endSign) === 0) {
    Atomics.add(signs, turnsSign, 1);
    loop.turn();
  }
  balancer.close();
  loop.close();
  orders.close();
}

if (parentPort !== null) serve(parentPort, workerData as Beginning);
