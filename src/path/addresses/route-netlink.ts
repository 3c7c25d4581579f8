/** The devices and addresses of this machine: asked for, changed and listened to over rtnetlink(7). */

import { ExchangeFailure, NetlinkConnection, type Outcome } from '../../netlink/connection.js';
import { netlinkRoute } from '../../netlink/constants.js';
import { MessageWriter } from '../../netlink/message-writer.js';
import { type Message, messagesOf, type NetlinkAnswer } from '../../netlink/messages.js';
import { errnoName, reasonOf } from '../../netlink/reasons.js';
import { type NetlinkSocket, type OpenSocket, socketsOf } from '../../netlink/socket.js';
import {
  type AddressChange,
  type Device,
  decodeAddress,
  decodeDevice,
  encodeAddressDump,
  encodeChange,
  encodeDeviceQuestion,
  type StandingAddress,
} from './codec.js';
import { routeGroups, routeMessage } from './numbers.js';

/** An errno's name, and a sentence that says what to do where that is known. */
export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

export class RouteError extends Error {
  readonly code: string;

  constructor({ code, reason }: Refusal, cause?: unknown) {
    super(reason, { cause });
    this.code = code;
  }
}

/** What is heard of, whoever changed it. */
export interface RouteListener {
  readonly onAddress: (address: StandingAddress) => void;
  /** It came, went, or is otherwise than before. */
  readonly onDevice: (device: Device) => void;
  /** Something may have been missed. */
  readonly onLost: () => void;
}

export interface Routes {
  /** Null where there is no such device. Rejects with a RouteError, as do the others. */
  device(name: string): Promise<Device | null>;
  addresses(): Promise<StandingAddress[]>;
  /** In this order; one answer for each, null where it was carried out. Without one it may have been: `ETIMEDOUT`. */
  change(changes: readonly AddressChange[]): Promise<(Refusal | null)[]>;
  /** Listens from when it settles on. Does nothing where it listens already. */
  listen(listener: RouteListener): Promise<void>;
  close(): void;
}

/** Bytes. A device with all that is told of it takes some two thousand. */
const largestDatagram = 16_384;
/** Changes that are sent at once: their acknowledgements fit the receive buffer. */
const together = 64;
/** Milliseconds. */
const answerPatience = 5_000;
/** How often a dump is tried that changes, or lost answers, spoiled. */
const dumpTries = 3;

export class RouteNetlink implements Routes {
  readonly #connection: NetlinkConnection;
  readonly #openListener: OpenSocket;
  readonly #writer = new MessageWriter(together * 128);
  #listening: NetlinkSocket | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(open: OpenSocket = socketsOf(netlinkRoute), openListener = socketsOf(netlinkRoute, routeGroups)) {
    this.#connection = new NetlinkConnection({ open, largestDatagram, timeout: answerPatience });
    this.#openListener = openListener;
  }

  async device(name: string): Promise<Device | null> {
    let found: Device | null = null;
    const { answers, failure } = await this.#exchange(
      [(sequence) => encodeDeviceQuestion(this.#writer, sequence, name)],
      {
        receive: (message) => {
          if (message.type === routeMessage.newLink) found = decodeDevice(message);
        },
      },
    );
    const [answer] = answers;
    if (answer && errnoName(answer.errno) === 'ENODEV') return null;
    assertDone(`ask for the device ${name}`, answer, failure);
    return found;
  }

  async addresses(): Promise<StandingAddress[]> {
    for (let tries = 1; ; tries += 1) {
      const found: StandingAddress[] = [];
      const outcome = await this.#exchange([(sequence) => encodeAddressDump(this.#writer, sequence)], {
        receive: (message) => {
          const address = message.type === routeMessage.newAddress ? decodeAddress(message) : null;
          if (address !== null) found.push(address);
        },
      });
      const [answer] = outcome.answers;
      const isSpoiled = outcome.interrupted || outcome.failure?.code === 'ENOBUFS';
      if (isSpoiled && tries < dumpTries) continue;
      assertDone('read the addresses', answer, outcome.failure);
      return found;
    }
  }

  async change(changes: readonly AddressChange[]): Promise<(Refusal | null)[]> {
    const results: (Refusal | null)[] = [];
    while (results.length < changes.length) {
      const some = changes.slice(results.length, results.length + together);
      const { answers, failure } = await this.#exchange(
        some.map((change) => (sequence) => encodeChange(this.#writer, sequence, change)),
      );
      for (const answer of answers) results.push(refusalOf(answer, failure));
    }
    return results;
  }

  async listen(listener: RouteListener): Promise<void> {
    if (this.#listening !== null) return;
    let socket: NetlinkSocket | null = null;
    const end = (): void => {
      if (this.#listening === socket) this.#listening = null;
      socket?.close();
    };
    const events = {
      message: (bytes: Buffer, port: number): void => {
        // Any process may send to the socket.
        if (port !== 0) return;
        try {
          for (const message of messagesOf(bytes)) tell(message, listener);
        } catch {
          // Whatever a decoder throws comes from the contents of this datagram, which was cut off, perhaps.
          listener.onLost();
        }
      },
      error: ({ code }: NodeJS.ErrnoException): void => {
        // The kernel dropped some for want of buffer space, and goes on with the next.
        if (code !== 'ENOBUFS') end();
        listener.onLost();
      },
    };
    try {
      socket = await this.#openListener(events, largestDatagram);
    } catch (error) {
      throw new RouteError({ code: codeOf(error), reason: `listen to changes: ${(error as Error).message}` }, error);
    }
    if (this.#isClosed) socket.close();
    else this.#listening = socket;
  }

  close(): void {
    this.#isClosed = true;
    this.#listening?.close();
    this.#listening = null;
    this.#connection.close();
  }

  /** One after another: the writer's buffer and the connection are one. */
  #exchange(
    encodings: readonly ((sequence: number) => void)[],
    { receive }: { readonly receive?: (message: Message) => void } = {},
  ): Promise<Outcome> {
    const turn = this.#last.then(async () => {
      if (this.#isClosed) throw new RouteError({ code: 'EBADF', reason: 'netlink: already closed' });
      const first = this.#connection.reserve(encodings.length);
      this.#writer.clear();
      for (const [index, encode] of encodings.entries()) encode(first + index);
      const bytes = this.#writer.written;
      try {
        return await this.#connection.exchange({ bytes, first, count: encodings.length, ...(receive && { receive }) });
      } catch (error) {
        throw error instanceof ExchangeFailure ? new RouteError(silence(error), error) : error;
      }
    });
    this.#last = turn.catch(() => {});
    return turn;
  }
}

function tell(message: Message, { onAddress, onDevice, onLost }: RouteListener): void {
  switch (message.type) {
    case routeMessage.newAddress:
    case routeMessage.deleteAddress: {
      const address = decodeAddress(message);
      if (address !== null) onAddress(address);
      break;
    }
    case routeMessage.newLink:
    case routeMessage.deleteLink:
      onDevice(decodeDevice(message));
      break;
    default:
      onLost();
  }
}

function assertDone(what: string, answer: NetlinkAnswer | undefined, failure: ExchangeFailure | null): void {
  const refusal = refusalOf(answer, failure);
  if (refusal !== null) throw new RouteError({ ...refusal, reason: `${what}: ${refusal.reason}` }, failure);
}

function refusalOf(answer: NetlinkAnswer | undefined, failure: ExchangeFailure | null): Refusal | null {
  if (answer === undefined) return failure === null ? { code: 'EIO', reason: 'no answer' } : silence(failure);
  if (answer.errno === 0) return null;
  const code = errnoName(answer.errno);
  const reason = reasonOf(answer);
  const remedy = remedies[code];
  return { code, reason: remedy === undefined ? reason : `${reason}: ${remedy}` };
}

const remedies: Readonly<Record<string, string>> = {
  EPERM: 'run it as root, or with the capability CAP_NET_ADMIN',
  EACCES: 'is IPv6 switched off there? sysctl net.ipv6.conf.DEVICE.disable_ipv6 says so',
  EOPNOTSUPP: 'this kernel has no such protocol, or the device takes no address of it',
};

function silence(failure: ExchangeFailure): Refusal {
  return { code: failure.code, reason: failure.message };
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'EIO';
}
