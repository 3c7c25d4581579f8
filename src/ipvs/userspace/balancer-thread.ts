/**
 * A thread of the balancer: the one that accepts and chooses, as it is ordered, and carries connections, or one of those
 * that carry alone. It waits for sockets and for what others say, and Node's own loop does not run in it.
 */

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { edgeTriggered, readable } from '../../system/epoll.js';
import { holdDescriptorsIn } from '../../system/held-descriptors.js';
import type { Failure } from '../backend.js';
import { Balancer, type Step } from './balancer.js';
import { Carrier } from './carrier.js';
import type { CarrierEnd } from './carrier-mail.js';
import { Carriers } from './carriers.js';
import { EventLoop, type Unfinished } from './event-loop.js';
import { type Beginning, endSign, type Order, type Report, turnsSign, type Word } from './messages.js';

/** Milliseconds of one turn for orders: connections wait meanwhile. */
const share = 4;

/** Carries orders out, in their order, a part in each turn. */
class Orders implements Unfinished {
  readonly #loop: EventLoop;
  readonly #balancer: Balancer;
  readonly #carriers: Carriers;
  readonly #port: MessagePort;
  readonly #tell: (report: Report) => void;
  readonly #queue: Order[] = [];
  #order: Order | null = null;
  #steps: Generator<Step, void> | null = null;
  #results: (Failure | null)[] = [];
  #isUnfinished = false;
  #waits = false;

  constructor(
    loop: EventLoop,
    balancer: Balancer,
    carriers: Carriers,
    port: MessagePort,
    tell: (report: Report) => void,
  ) {
    this.#loop = loop;
    this.#balancer = balancer;
    this.#carriers = carriers;
    this.#port = port;
    this.#tell = tell;
  }

  /** There may be new ones. Who joins and who leaves counts at once: an order may wait for it. */
  take(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as { readonly message: Word } | undefined;
      if (received === undefined) break;
      const { message } = received;
      if (message.type === 'order') this.#queue.push(message);
      else if (message.type === 'joins') this.#carriers.join(message);
      else {
        this.#carriers.leave(message.number);
        this.#tell({ type: 'left', number: message.number });
      }
    }
    if (!this.#isUnfinished) this.goOn();
  }

  /** Other threads had something to say. */
  resume(): void {
    if (this.#waits) this.goOn();
  }

  goOn(): void {
    this.#isUnfinished = false;
    this.#waits = false;
    const until = performance.now() + share;
    while (this.#next()) {
      if (!this.#work(until)) {
        this.#isUnfinished = true;
        if (!this.#waits) this.#loop.later(this);
        return;
      }
    }
  }

  /** Whether there is one. */
  #next(): boolean {
    if (this.#order !== null) return true;
    const order = this.#queue.shift();
    if (order === undefined) return false;
    this.#order = order;
    this.#steps = this.#balancer.apply(order.tasks);
    this.#results = [];
    return true;
  }

  /** Whether the order is done. */
  #work(until: number): boolean {
    for (;;) {
      const step = this.#steps?.next();
      if (step === undefined || step.done === true) break;
      if (step.value === 'waits') {
        this.#waits = true;
        return false;
      }
      if (step.value !== undefined) this.#results.push(step.value);
      if (performance.now() >= until) return false;
    }
    if (this.#order !== null) this.#tell({ type: 'done', id: this.#order.id, results: this.#results });
    this.#order = null;
    this.#steps = null;
    return true;
  }
}

/** What the thread does until it ends, and what it lets go of then. */
interface Work {
  /** It was woken. */
  readonly onWoken: () => void;
  readonly close: () => void;
}

function choose(loop: EventLoop, orders: MessagePort, { limits, threads }: Beginning, port: Port): Work {
  const tell = (report: Report): void => port.postMessage(report);
  const carriers: Carriers = new Carriers(loop, () => queue.resume());
  const balancer = new Balancer(loop, limits, threads, carriers, (object, failure) => {
    tell({ type: 'trouble', object, failure });
  });
  const queue = new Orders(loop, balancer, carriers, orders, tell);
  return {
    onWoken: () => queue.take(),
    close: () => {
      balancer.close();
      orders.close();
    },
  };
}

function carry(loop: EventLoop, end: CarrierEnd, { limits, threads }: Beginning, port: Port): Work {
  const carrier = new Carrier(loop, limits, threads, end);
  port.postMessage({ type: 'serves' } satisfies Report);
  return { onWoken: () => {}, close: () => carrier.close() };
}

type Port = NonNullable<typeof parentPort>;

export function serve(port: Port, beginning: Beginning): void {
  const { descriptors, waker, signs, work } = beginning;
  holdDescriptorsIn(descriptors);
  const loop = new EventLoop();
  const { onWoken, close } =
    'orders' in work ? choose(loop, work.orders, beginning, port) : carry(loop, work.carries, beginning, port);
  // Each waking is told as it comes, and there is nothing to read.
  loop.watch({ descriptor: waker, onEvents: onWoken }, (readable | edgeTriggered) >>> 0);
  // Who was told something before that hears of it now.
  onWoken();
  while (Atomics.load(signs, endSign) === 0) {
    Atomics.add(signs, turnsSign, 1);
    loop.turn();
  }
  close();
  loop.close();
}

if (parentPort !== null) serve(parentPort, workerData as Beginning);
