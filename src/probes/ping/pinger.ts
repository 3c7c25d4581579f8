/**
 * Echo requests to many hosts by one socket. Nothing wakes this thread when a reply comes, so the socket is looked at
 * while one is outstanding: soon after a request, and ever less often as the time goes by.
 */

import { performance } from 'node:perf_hooks';
import { monotonic } from '../../system/clock.js';
import { guarded } from '../confinement.js';
import { causeOf, DeadlineExceeded, errorOf, failureBy, failureOf, Hindrance, ProbeFailure } from '../failure.js';
import type { HostAddress } from '../sockets/host-address.js';
import { pauseAfter, shortestPause } from '../sockets/look-pause.js';
import { fewSlots, Timed, TimerWheel } from '../timer-wheel.js';
import { type Mark, markOf } from './echo-message.js';
import type { EchoSocket } from './echo-socket.js';
import type { Notice } from './notice.js';
import { Outstanding } from './outstanding.js';

/** Messages that are read before anything else in this thread has its turn. */
const readBound = 512;
/** Requests that are sent without a look: on a short way their replies are there already, and must not pile up. */
const sendBound = 128;

/** One that was asked: it stands in a wheel until its request is sent again. */
class Request extends Timed {
  readonly target: HostAddress;
  readonly mark: Mark;
  readonly #pinger: Pinger;
  readonly #signal: AbortSignal;
  readonly #asker: Asker;
  /** Milliseconds from one sending to the next, and how many are left. */
  readonly #pause: number;
  #left: number;

  constructor(pinger: Pinger, target: HostAddress, number: number, timing: Timing, signal: AbortSignal, asker: Asker) {
    const pause = timing.within / timing.times;
    super(monotonic() + pause);
    this.target = target;
    this.mark = markOf(number);
    this.#pinger = pinger;
    this.#signal = signal;
    this.#asker = asker;
    this.#pause = pause;
    this.#left = timing.times - 1;
  }

  /** Whether it is to be sent once more, when it is due. */
  get isLeft(): boolean {
    return this.#left > 0;
  }

  sendAgain(): void {
    this.#left -= 1;
    this.due += this.#pause;
    this.#pinger.send(this);
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.end(silence(this.#signal, this.#pinger.isUnsent(this)));
  }

  /** Null is an answer. */
  end(failure: ProbeFailure | null): void {
    this.#signal.removeEventListener('abort', this);
    this.#pinger.forget(this);
    this.#asker(failure);
  }
}

/** Told once, be it at once: null is an answer. Must not throw. */
export type Asker = (failure: ProbeFailure | null) => void;

/** Requests to send to one host, spread evenly over so many milliseconds. */
export interface Timing {
  readonly times: number;
  readonly within: number;
}

export class Pinger {
  readonly #socket: EchoSocket;
  /** There are as many as there are checks under way, each of which ends with its deadline. */
  readonly #outstanding = new Outstanding<Request>();
  /** What the kernel had no room for yet, in order. */
  readonly #unsent = new Set<Request>();
  /** What is sent once more, unless it is answered. */
  readonly #repeats = new TimerWheel<Request>((request) => {
    request.sendAgain();
    if (request.isLeft && this.#outstanding.get(request.mark.number) === request) this.#repeats.add(request);
  }, fewSlots);
  #sentAt = 0;
  #sentUnseen = 0;
  #used = false;
  #lookedAt = 0;
  #isLookingSoon = false;
  #timer: NodeJS.Timeout | null = null;
  #timerDue = 0;
  #continuing: NodeJS.Immediate | null = null;

  constructor(socket: EchoSocket) {
    this.#socket = socket;
  }

  /** Tells of the first reply, or that the network says no, or that the signal aborts. */
  ask(target: HostAddress, timing: Timing, signal: AbortSignal, asker: Asker): void {
    if (signal.aborted) {
      asker(failureOf('ping', signal.reason, signal));
      return;
    }
    const request = this.#outstanding.add((number) => new Request(this, target, number, timing, signal, asker));
    signal.addEventListener('abort', request);
    this.#used = true;
    if (request.isLeft) this.#repeats.add(request);
    this.send(request);
  }

  isUnsent(request: Request): boolean {
    return this.#unsent.has(request);
  }

  /** It is over. */
  forget(request: Request): void {
    this.#repeats.remove(request);
    this.#unsent.delete(request);
    this.#outstanding.delete(request.mark.number);
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

  send(request: Request): void {
    const code = this.#socket.send(request.target, request.mark);
    if (code === 'EAGAIN' || code === 'ENOBUFS') {
      this.#unsent.add(request);
    } else if (code !== null) {
      request.end(failureBy('ping', errorOf(code)));
      return;
    }
    this.#sentAt = performance.now();
    this.#sentUnseen += 1;
    if (this.#sentUnseen >= sendBound) this.#look();
    else if (this.#sentAt - this.#lookedAt < shortestPause) this.#lookWithin(shortestPause);
    else this.#lookSoon();
  }

  /** When all have been sent that are due now: on a short way the first replies are there. */
  #lookSoon(): void {
    if (this.#isLookingSoon) return;
    this.#isLookingSoon = true;
    queueMicrotask(this.#lookIfAwaited);
  }

  readonly #lookIfAwaited = (): void => {
    this.#isLookingSoon = false;
    if (this.#outstanding.size > 0) this.#look();
  };

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
      if (request === null || !this.#socket.isAbout(request.target, request.mark)) continue;
      if (reading === 'reply') request.end(null);
      else this.#refuse(request);
    }
    return false;
  }

  #refuse(request: Request): void {
    const { notice } = this.#socket;
    if (notice !== null) request.end(refusalBy(notice));
  }

  /** What finds no room again stays in its place. */
  #sendWaiting(): void {
    for (const request of this.#unsent) {
      const code = this.#socket.send(request.target, request.mark);
      if (code === 'EAGAIN' || code === 'ENOBUFS') return;
      this.#unsent.delete(request);
      if (code !== null) request.end(failureBy('ping', errorOf(code)));
    }
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#continuing !== null) clearImmediate(this.#continuing);
    this.#timer = null;
    this.#continuing = null;
  }
}

function silence(signal: AbortSignal, unsent: boolean): ProbeFailure {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DeadlineExceeded)) return failureOf('ping', reason, signal);
  const time = `within ${reason.milliseconds / 1000} s`;
  if (unsent) return new Hindrance('ping', `no room in the buffers of this machine to send ${time}`);
  return new ProbeFailure('ping', `no answer ${time}`);
}

function refusalBy({ code, forbidden, from }: Notice): ProbeFailure {
  const cause = forbidden ? `prohibited on the way (${code})` : causeOf(errorOf(code));
  return new ProbeFailure('ping', `${cause}, says ${from}`);
}
