/**
 * Echo requests to many hosts by one socket. What is to be sent in one turn goes together. Nothing wakes this thread when
 * a reply comes, so the socket is looked at while one is outstanding: soon after a request, and ever less often as the
 * time goes by.
 */

import { performance } from 'node:perf_hooks';
import { guarded } from '../confinement.js';
import { answerOf, causeOf, errorOf, failureBy, failureOf, ProbeFailure } from '../failure.js';
import type { Ending } from '../probe.js';
import type { HostAddress } from '../sockets/host-address.js';
import { pauseAfter, shortestPause } from '../sockets/look-pause.js';
import { fewSlots, TimerWheel } from '../timer-wheel.js';
import type { EchoSocket } from './echo-socket.js';
import type { Notice } from './notice.js';
import { Outstanding } from './outstanding.js';
import { Request, type Sender, type Timing } from './request.js';
import { batchSize } from './request-batch.js';

/** Messages that are read before anything else in this thread has its turn. */
const readBound = 512;
/** Requests that are sent without a look: on a short way their replies are there already, and must not pile up. */
const sendBound = 2 * batchSize;

export class Pinger implements Sender {
  readonly #socket: EchoSocket;
  /** There are as many as there are checks under way, each of which ends with its deadline. */
  readonly #outstanding = new Outstanding<Request>();
  /** What is sent when all is known that is to be sent now, in order. */
  #fresh: Request[] = [];
  /** What the kernel had no room for yet, in order. */
  readonly #waiting = new Set<Request>();
  /** What is sent once more, unless it is answered. */
  readonly #repeats = new TimerWheel<Request>((request) => {
    request.sendAgain();
    if (request.isLeft && !request.isOver) this.#repeats.add(request);
  }, fewSlots);
  #sentAt = 0;
  #sentUnseen = 0;
  #used = false;
  #lookedAt = 0;
  #isSendingSoon = false;
  #timer: NodeJS.Timeout | null = null;
  #timerDue = 0;
  #continuing: NodeJS.Immediate | null = null;

  constructor(socket: EchoSocket) {
    this.#socket = socket;
  }

  /** Tells of the first reply, or that the network says no, or that the signal aborts. */
  ask(target: HostAddress, timing: Timing, signal: AbortSignal, ending: Ending): void {
    if (signal.aborted) {
      ending.settle(answerOf(failureOf('ping', signal.reason, signal)));
      return;
    }
    const request = new Request(this, target, timing, signal, ending);
    this.#outstanding.add(request);
    signal.addEventListener('abort', request);
    this.#used = true;
    if (request.isLeft) this.#repeats.add(request);
    this.send(request);
  }

  /** It is over. */
  forget(request: Request): void {
    this.#repeats.remove(request);
    if (request.isUnsent) this.#waiting.delete(request);
    this.#outstanding.delete(request.number);
    if (this.#outstanding.size === 0) this.#rest();
  }

  /** Whether anything was asked since the last call, or is outstanding. */
  wasUsed(): boolean {
    const used = this.#used || this.#outstanding.size > 0;
    this.#used = false;
    return used;
  }

  close(): void {
    const abandoned = new ProbeFailure('ping', 'abandoned');
    for (const request of this.#outstanding.all()) request.end(abandoned);
    this.#repeats.close();
    this.#rest();
    this.#socket.close();
  }

  /** When all is known that is to be sent now, or as many as go together. */
  send(request: Request): void {
    if (request.isUnsent) return;
    request.isUnsent = true;
    this.#fresh.push(request);
    if (!this.#isSendingSoon) {
      this.#isSendingSoon = true;
      queueMicrotask(this.#sendAndLook);
    }
    if (this.#fresh.length < batchSize) return;
    this.#sendFresh();
    if (this.#sentUnseen >= sendBound) this.#look();
  }

  /** On a short way the first replies are there as soon as all have been sent. */
  readonly #sendAndLook = guarded((): void => {
    this.#isSendingSoon = false;
    this.#sendFresh();
    if (this.#outstanding.size === 0) return;
    if (performance.now() - this.#lookedAt < shortestPause) this.#lookWithin(shortestPause);
    else this.#look();
  });

  /** Each is tried: it can be the way to one host alone that has no room. */
  #sendFresh(): void {
    // Some can be over by now.
    const requests = this.#fresh.filter(({ isOver }) => !isOver);
    this.#fresh = [];
    for (let at = 0; at < requests.length; ) {
      const count = this.#sendSome(requests, at);
      const first = requests[at];
      if (count === 0 && first !== undefined) this.#waiting.add(first);
      at += Math.max(count, 1);
    }
    this.#sentAt = performance.now();
    this.#sentUnseen += requests.length;
  }

  /** What finds no room again stays in its place. */
  #sendWaiting(): void {
    for (let count = 1; count > 0 && this.#waiting.size > 0; ) {
      const requests = firstOf(this.#waiting, batchSize);
      count = this.#sendSome(requests, 0);
      for (const request of requests.slice(0, count)) this.#waiting.delete(request);
    }
  }

  /** From `first` on, as far as it goes in one call; who is refused is told. How many; none where the first has no room. */
  #sendSome(requests: readonly Request[], first: number): number {
    const sent = this.#socket.send(requests, first);
    for (const request of requests.slice(first, first + sent)) request.isUnsent = false;
    if (sent > 0 || this.#socket.hasNoRoom) return sent;
    requests[first]?.end(failureBy('ping', errorOf(this.#socket.refusal)));
    return 1;
  }

  #lookWithin(pause: number): void {
    const due = performance.now() + pause;
    if (this.#continuing !== null || (this.#timer !== null && this.#timerDue <= due)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(this.#look, pause);
  }

  readonly #look = guarded((): void => {
    this.#rest();
    this.#sentUnseen = 0;
    const isEmpty = this.#readAll();
    this.#sendWaiting();
    this.#lookedAt = performance.now();
    if (this.#outstanding.size === 0) return;
    if (!isEmpty) {
      this.#continuing = setImmediate(this.#look);
      return;
    }
    this.#lookWithin(pauseAfter(this.#lookedAt - this.#sentAt));
  });

  /** Whether everything that was there is read. */
  #readAll(): boolean {
    for (let left = readBound; left > 0; left -= 1) {
      const reading = this.#socket.read();
      if (reading === 'nothing') return true;
      if (reading === 'other') continue;
      const request = this.#outstanding.get(this.#socket.number);
      // What comes late, or from somebody who has not seen the request, is nobody's answer.
      if (request === null || !this.#socket.isAbout(request)) continue;
      if (reading === 'reply') request.end(null);
      else this.#refuse(request);
    }
    return false;
  }

  #refuse(request: Request): void {
    const { notice } = this.#socket;
    if (notice !== null) request.end(refusalBy(notice));
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#continuing !== null) clearImmediate(this.#continuing);
    this.#timer = null;
    this.#continuing = null;
  }
}

function firstOf<T>(all: Iterable<T>, bound: number): T[] {
  const found: T[] = [];
  for (const one of all) {
    if (found.length === bound) break;
    found.push(one);
  }
  return found;
}

function refusalBy({ code, forbidden, from }: Notice): ProbeFailure {
  const cause = forbidden ? `prohibited on the way (${code})` : causeOf(errorOf(code));
  return new ProbeFailure('ping', `${cause}, says ${from}`);
}
