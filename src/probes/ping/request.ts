/** One host that is asked for an echo, from the first sending to the end. */

import { monotonic } from '../../system/clock.js';
import { answerOf, DeadlineExceeded, failureOf, Hindrance, ProbeFailure } from '../failure.js';
import type { Check, Ending, ProbeAnswer } from '../probe.js';
import type { HostAddress } from '../sockets/host-address.js';
import { Timed } from '../timer-wheel.js';
import { drawToken } from './echo-message.js';
import type { Numbered } from './outstanding.js';
import type { Addressed } from './request-batch.js';

/** Who sends it and waits for what comes back. */
export interface Sender {
  /** Soon. */
  send(request: Request): void;
  /** It is over. */
  forget(request: Request): void;
}

const answered: ProbeAnswer = { ok: true, reason: 'ping: answered' };

/** It stands in a wheel until it is sent again. */
export class Request extends Timed implements Addressed, Numbered {
  readonly target: HostAddress;
  number = 0;
  readonly tokenHigh = drawToken();
  readonly tokenLow = drawToken();
  /** Whether it is to be sent and has not been yet. */
  isUnsent = false;
  isOver = false;
  readonly #sender: Sender;
  readonly #signal: AbortSignal;
  readonly #ending: Ending;
  /** Milliseconds from one sending to the next, and how many are left. */
  readonly #pause: number;
  #left: number;

  constructor(sender: Sender, target: HostAddress, timing: Timing, signal: AbortSignal, ending: Ending) {
    const pause = timing.checkTimeout / timing.checkcount;
    const left = timing.checkcount - 1;
    super(left > 0 ? monotonic() + pause : 0);
    this.target = target;
    this.#sender = sender;
    this.#signal = signal;
    this.#ending = ending;
    this.#pause = pause;
    this.#left = left;
  }

  /** Whether it is to be sent once more, when it is due. */
  get isLeft(): boolean {
    return this.#left > 0;
  }

  sendAgain(): void {
    this.#left -= 1;
    this.due += this.#pause;
    this.#sender.send(this);
  }

  /** The signal has aborted. */
  handleEvent(): void {
    this.end(silence(this.#signal, this.isUnsent));
  }

  /** Null is an answer. */
  end(failure: ProbeFailure | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#signal.removeEventListener('abort', this);
    this.#sender.forget(this);
    this.#ending.settle(failure === null ? answered : answerOf(failure));
  }
}

/** So many requests to send to one host, spread evenly over so many milliseconds. */
export type Timing = Pick<Check, 'checkcount' | 'checkTimeout'>;

function silence(signal: AbortSignal, unsent: boolean): ProbeFailure {
  const reason: unknown = signal.reason;
  if (!(reason instanceof DeadlineExceeded)) return failureOf('ping', reason, signal);
  const time = `within ${reason.milliseconds / 1000} s`;
  if (unsent) return new Hindrance('ping', `no room in the buffers of this machine to send ${time}`);
  return new ProbeFailure('ping', `no answer ${time}`);
}
