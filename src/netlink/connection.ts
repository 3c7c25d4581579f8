/** Exchanges with the kernel over one netlink socket: requests out, an answer to each of them in. */

import { MalformedMessage } from './attributes.js';
import { flag, messageType } from './constants.js';
import { acknowledgement, dumpEnd, type Message, messagesOf, type NetlinkAnswer } from './messages.js';
import type { NetlinkSocket, OpenSocket, SocketEvents, SocketLimits } from './socket.js';

export interface ConnectionOptions {
  readonly open: OpenSocket;
  /** Bytes; a datagram is read into a buffer of this size. */
  readonly largestDatagram: number;
  /** Milliseconds without a sign of the kernel. */
  readonly timeout: number;
}

export interface Request {
  /** The messages, of which each asks for an acknowledgement or a dump. */
  readonly bytes: Uint8Array;
  /** The sequence number of the first message; those of the others follow. */
  readonly first: number;
  readonly count: number;
  /** Takes what a message is answered with before its acknowledgement. */
  readonly receive?: (message: Message) => void;
}

export interface Outcome {
  /** One for each message, in order; undefined where the answer is not known: the message may have had its effect. */
  readonly answers: readonly (NetlinkAnswer | undefined)[];
  /** Why answers are missing; null where none is. */
  readonly failure: ExchangeFailure | null;
  /** The table changed while it was dumped, so that the dump may be inconsistent. */
  readonly interrupted: boolean;
  /** Milliseconds that the kernel kept this thread: it carries out what it is sent before the send returns. */
  readonly sending: number;
}

/** `code` is ENOBUFS where answers were lost, ETIMEDOUT, EBADMSG, or what the socket said. */
export class ExchangeFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

interface Pending {
  readonly request: Request;
  readonly answers: (NetlinkAnswer | undefined)[];
  timer: NodeJS.Timeout | null;
  readonly settle: (outcome: Outcome) => void;
  missing: number;
  interrupted: boolean;
  sending: number;
}

/** Sequence numbers have 32 bits; 0 is what the kernel gives its own notifications. */
const highestSequence = 0xffffffff;

/**
 * One exchange at a time. The socket is opened by the first, and anew by the next one after a failure: answers
 * that come late then find nobody, and the kernel's state of congestion goes with the socket.
 */
export class NetlinkConnection {
  readonly #options: ConnectionOptions;
  #socket: NetlinkSocket | null = null;
  #pending: Pending | null = null;
  #sequence = 1;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** What the socket can take. Opens it; rejects with an ExchangeFailure where that cannot be done. */
  limits(): Promise<SocketLimits> {
    return this.#openOnce();
  }

  /** Sequence numbers for so many messages: the first of them. */
  reserve(count: number): number {
    if (this.#sequence + count > highestSequence) this.#sequence = 1;
    const first = this.#sequence;
    this.#sequence += count;
    return first;
  }

  /** Rejects with an ExchangeFailure where no socket can be had, so that nothing was sent. */
  async exchange(request: Request): Promise<Outcome> {
    if (this.#pending) throw new Error('netlink: an exchange is under way');
    const socket = await this.#openOnce();
    return new Promise((resolve) => {
      const answers = new Array<NetlinkAnswer | undefined>(request.count).fill(undefined);
      const pending: Pending = {
        ...{ request, answers, settle: resolve, missing: request.count },
        ...{ timer: null, interrupted: false, sending: 0 },
      };
      this.#pending = pending;
      const began = performance.now();
      try {
        socket.send(request.bytes);
      } catch (error) {
        this.#fail(socketFailure(error));
        return;
      }
      pending.sending = performance.now() - began;
      if (this.#pending === pending) pending.timer = this.#startLimit();
    });
  }

  /**
   * The time counts from the end of the send, until which nobody could have taken an answer, and anew from each
   * answer: a dump of a large table takes as long as it takes.
   */
  #startLimit(): NodeJS.Timeout {
    const { timeout } = this.#options;
    return setTimeout(() => {
      this.#fail(new ExchangeFailure('ETIMEDOUT', `no answer from the kernel within ${timeout / 1000} s`));
    }, timeout);
  }

  close(): void {
    this.#fail(new ExchangeFailure('ECANCELED', 'the socket was closed'));
  }

  async #openOnce(): Promise<NetlinkSocket> {
    if (this.#socket) return this.#socket;
    const failed: Error[] = [];
    const current = (): boolean => this.#socket !== null && this.#socket === opened;
    let opened: NetlinkSocket | null = null;
    opened = await this.#openSocket({
      message: (bytes, port) => {
        // Any process may send to a netlink socket; what does not come from the kernel is nobody's answer.
        if (port === 0 && current()) this.#receive(bytes);
      },
      error: (error) => {
        failed.push(error);
        if (current()) this.#fail(socketFailure(error));
      },
    });
    if (failed.length > 0) {
      opened.close();
      throw socketFailure(failed[0]);
    }
    this.#socket = opened;
    return opened;
  }

  async #openSocket(events: SocketEvents): Promise<NetlinkSocket> {
    try {
      return await this.#options.open(events, this.#options.largestDatagram);
    } catch (error) {
      const { code, message } = socketFailure(error);
      throw new ExchangeFailure(code, `no socket: ${message}`, error);
    }
  }

  #receive(bytes: Buffer): void {
    try {
      for (const message of messagesOf(bytes)) this.#take(message);
      this.#pending?.timer?.refresh();
    } catch (error) {
      // Whatever a decoder throws comes from the contents of this datagram.
      const cause = error instanceof MalformedMessage ? error.message : `an answer that cannot be read: ${error}`;
      this.#fail(new ExchangeFailure('EBADMSG', cause, error));
    }
  }

  #take(message: Message): void {
    const pending = this.#pending;
    if (!pending) return;
    if (message.type === messageType.overrun) {
      this.#fail(lostAnswers());
      return;
    }
    const index = message.sequence - pending.request.first;
    if (index < 0 || index >= pending.request.count || pending.answers[index]) return;
    if (message.flags & flag.dumpInterrupted && message.type !== messageType.error) pending.interrupted = true;
    switch (message.type) {
      case messageType.error:
        this.#answer(pending, index, acknowledgement(message));
        break;
      case messageType.done:
        this.#answer(pending, index, dumpEnd(message));
        break;
      default:
        if (message.type >= messageType.controller) pending.request.receive?.(message);
    }
  }

  #answer(pending: Pending, index: number, answer: NetlinkAnswer): void {
    pending.answers[index] = answer;
    pending.missing -= 1;
    if (pending.missing === 0) this.#settle(pending, null);
  }

  /** Gives the socket up, and with it every answer that has not come yet. */
  #fail(failure: ExchangeFailure): void {
    this.#socket?.close();
    this.#socket = null;
    if (this.#pending) this.#settle(this.#pending, failure);
  }

  #settle(pending: Pending, failure: ExchangeFailure | null): void {
    if (pending.timer) clearTimeout(pending.timer);
    this.#pending = null;
    const { answers, interrupted, sending } = pending;
    pending.settle({ answers, failure, interrupted, sending });
  }
}

/**
 * ENOBUFS: the queue of answers was full and the kernel dropped some. Which ones it does not say, and while
 * it counts the socket as congested it drops further ones, so the socket is given up like one that failed.
 */
function lostAnswers(cause?: unknown): ExchangeFailure {
  return new ExchangeFailure('ENOBUFS', 'the kernel dropped answers for want of buffer space', cause);
}

function socketFailure(error: unknown): ExchangeFailure {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  return code === 'ENOBUFS' ? lostAnswers(error) : new ExchangeFailure(code, message, error);
}
