/** Requests to the kernel's family IPVS: finds the family, writes messages, waits for the answers. */

import type { Attributes } from '../../netlink/attributes.js';
import { ExchangeFailure, NetlinkConnection, type Outcome } from '../../netlink/connection.js';
import { controller, flag, messageType } from '../../netlink/constants.js';
import { MessageWriter } from '../../netlink/message-writer.js';
import { attributesOf, type Message, type NetlinkAnswer } from '../../netlink/messages.js';
import { errnoName } from '../../netlink/reasons.js';
import type { OpenSocket } from '../../netlink/socket.js';
import { Pace } from '../pace.js';
import { familyName, familyVersion } from './constants.js';
import { exchangeError, KernelError, kernelError, noIpvs, noSocket } from './errors.js';

export interface SessionOptions {
  readonly open: OpenSocket;
  /** Null where the module was loaded, otherwise why not. */
  readonly loadModule: () => Promise<string | null>;
  /** Milliseconds without a sign of the kernel. */
  readonly timeout: number;
}

export type Encode = (writer: MessageWriter) => void;

export interface BatchOptions<T> {
  readonly codeOf: (item: T) => number;
  /** Whether the kernel takes far longer for it than for others. */
  readonly isDear: (item: T) => boolean;
  readonly encode: (writer: MessageWriter, item: T) => void;
}

/** Bytes to send at once, where the socket takes as much. */
const sendSize = 32_768;
/** Bytes that the largest request needs at most. */
const largestRequest = 512;
/**
 * Messages that are sent before the first of them is answered. The kernel carries them out before the send returns, and
 * holds up everything else in this process meanwhile.
 */
const inFlight = { least: 4, most: 128, target: 20 };
/** Before anything is known of how long they take: a service may make the kernel look for a module. */
const firstInFlight = 32;
/** Milliseconds-dear operations, of which a few are many. */
const mostDear = 16;
/** Bytes that an acknowledgement takes of the kernel's receive buffer at most: the request and its own structures. */
const acknowledgementCost = 1_536;
/** Bytes. The kernel fills a datagram of a dump up to the reader's buffer; a page is its least. */
const dumpDatagram = 8_192;
/** Bytes. Small, since the package's buffers weigh more than the garbage collector knows. */
const acknowledgementDatagram = 1_024;
/** How often a dump is tried that the table's changes, or lost answers, spoiled. */
const dumpTries = 3;
/** Answers of the kernel, or the lack of them, that another try may mend. */
const spoilers: ReadonlySet<string> = new Set(['EAGAIN', 'EBUSY', 'EINTR', 'ENOBUFS', 'ENOENT']);

/** Its calls must not overlap: the writer's buffer is the session's. */
export class Session {
  readonly #options: SessionOptions;
  readonly #dumps: NetlinkConnection;
  readonly #commands: NetlinkConnection;
  readonly #writer = new MessageWriter(sendSize);
  readonly #pace = new Pace(firstInFlight, inFlight);
  #family: number | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#dumps = new NetlinkConnection({ ...options, largestDatagram: dumpDatagram });
    this.#commands = new NetlinkConnection({ ...options, largestDatagram: acknowledgementDatagram });
  }

  /** One request with one answer, which `receive` takes. `what` names it in errors. */
  async query(what: string, code: number, encode: Encode, receive: (attributes: Attributes) => void): Promise<void> {
    const family = await this.#resolveFamily();
    const outcome = await this.#exchangeOne(family, code, flag.ack, encode, (message) => {
      receive(attributesOf(message));
    });
    assertDone(what, outcome);
  }

  /** Everything of a kind, as `decode` makes it; what that makes null is left out. */
  async dump<T>(
    what: string,
    code: number,
    encode: Encode,
    decode: (attributes: Attributes) => T | null,
  ): Promise<T[]> {
    for (let tries = 1; ; tries++) {
      const family = await this.#resolveFamily();
      const values: T[] = [];
      const outcome = await this.#exchangeOne(family, code, flag.dump, encode, (message) => {
        const value = decode(attributesOf(message));
        if (value !== null) values.push(value);
      });
      const [answer] = outcome.answers;
      const refusal = answer && errnoName(answer.errno);
      // No dump of IPVS answers so: the module was unloaded, and the family's number may be another by now.
      if (refusal === 'ENOENT') this.#family = null;
      // Nothing was changed by asking, so that what was lost or spoiled can be asked again.
      const spoiled = outcome.interrupted || spoilers.has(refusal ?? outcome.failure?.code ?? '');
      if (spoiled && tries < dumpTries) continue;
      assertDone(what, outcome);
      if (!outcome.interrupted) return values;
      throw new KernelError('EAGAIN', `kernel IPVS: ${what}: the table changes faster than it can be read`);
    }
  }

  /**
   * Carries the items out in order, many to a send. One answer for each: the kernel's, or why there is none.
   * An item without an answer may have been carried out. Of those that are dear few are sent at once.
   */
  async batch<T>(
    items: readonly T[],
    { codeOf, isDear, encode }: BatchOptions<T>,
  ): Promise<(NetlinkAnswer | ExchangeFailure)[]> {
    const family = await this.#resolveFamily();
    const results: (NetlinkAnswer | ExchangeFailure)[] = [];
    while (results.length < items.length) {
      const count = this.#fewEnough(items, results.length, isDear);
      const outcome = await this.#exchangeMany(count, (sequence, index) => {
        const item = items[results.length + index] as T;
        this.#write(family, codeOf(item), flag.ack, sequence, (writer) => encode(writer, item));
      });
      const { answers, failure } = outcome;
      for (const answer of answers) results.push(answer ?? failure ?? unexplained);
      // A kernel that does not answer will not answer the next either: nobody waits for each in turn.
      if (failure && (answers.length === 0 || failure.code === 'ETIMEDOUT')) {
        while (results.length < items.length) results.push(failure);
      }
    }
    return results;
  }

  /** How many of the items from `start` on are sent at once. */
  #fewEnough<T>(items: readonly T[], start: number, isDear: (item: T) => boolean): number {
    const end = Math.min(items.length, start + this.#pace.size);
    let dear = 0;
    for (let index = start; index < end; index += 1) {
      if (isDear(items[index] as T)) dear += 1;
      if (dear > mostDear) return index - start;
    }
    return end - start;
  }

  close(): void {
    this.#dumps.close();
    this.#commands.close();
  }

  /** The number that the kernel gave the family. Rejects with what to do where it has none. */
  async #resolveFamily(): Promise<number> {
    if (this.#family !== null) return this.#family;
    // Asking makes the kernel try to load the module by itself; where that is switched off, modprobe may still do it.
    let family = await this.#lookUp();
    if (family === null) {
      const refusal = await this.#options.loadModule();
      family = await this.#lookUp();
      if (family === null) throw noIpvs(refusal);
    }
    this.#family = family;
    return family;
  }

  async #lookUp(): Promise<number | null> {
    let found: number | null = null;
    const outcome = await this.#exchangeOne(
      messageType.controller,
      controller.getFamily,
      flag.ack,
      (writer) => writer.string(controller.familyName, familyName),
      (message: Message) => {
        found = attributesOf(message).u16(controller.familyId) ?? null;
      },
    );
    const [answer] = outcome.answers;
    if (answer && errnoName(answer.errno) === 'ENOENT') return null;
    assertDone('look for IPVS', outcome);
    return found;
  }

  async #exchangeOne(
    type: number,
    code: number,
    flags: number,
    encode: Encode,
    receive: (message: Message) => void,
  ): Promise<Outcome> {
    const first = this.#dumps.reserve(1);
    this.#writer.clear();
    this.#write(type, code, flags, first, encode);
    try {
      return await this.#dumps.exchange({ bytes: this.#writer.written, first, count: 1, receive });
    } catch (error) {
      throw error instanceof ExchangeFailure ? noSocket(error) : error;
    }
  }

  /** As many of the messages as fit; none where there is no socket to send them by. */
  async #exchangeMany(count: number, write: (sequence: number, index: number) => void): Promise<Outcome> {
    try {
      const { receiveBuffer, largestSend } = await this.#commands.limits();
      const most = Math.max(1, Math.min(count, Math.floor(receiveBuffer / acknowledgementCost)));
      const size = Math.min(sendSize, largestSend);
      const first = this.#commands.reserve(most);
      this.#writer.clear();
      let written = 0;
      do {
        write(first + written, written);
        written += 1;
      } while (written < most && this.#writer.length + largestRequest <= size);
      const outcome = await this.#commands.exchange({ bytes: this.#writer.written, first, count: written });
      this.#pace.took(written, outcome.sending);
      return outcome;
    } catch (error) {
      if (!(error instanceof ExchangeFailure)) throw error;
      return { answers: [], failure: error, interrupted: false, sending: 0 };
    }
  }

  #write(type: number, code: number, flags: number, sequence: number, encode: Encode): void {
    const version = type === messageType.controller ? controller.version : familyVersion;
    // struct genlmsghdr
    this.#writer.begin({ type, flags: flag.request | flags, sequence }, [code, version, 0, 0]);
    encode(this.#writer);
    this.#writer.end();
  }
}

const unexplained = new ExchangeFailure('EIO', 'no answer');

function assertDone(what: string, { answers: [answer], failure }: Outcome): void {
  if (!answer) throw exchangeError(what, failure ?? unexplained);
  if (answer.errno !== 0) throw kernelError(what, answer);
}
