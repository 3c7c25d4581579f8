/**
 * A socket for echo requests to any host of one family, and what the kernel has to say about them: icmp(7), raw(7).
 * The kinds of socket differ in who may open them and in who sorts out what is meant for others; not in use.
 */

import { randomInt } from 'node:crypto';
import {
  attachFilter,
  close,
  errorCode,
  type Instruction,
  messageHeader,
  messageParts,
  recvmsg,
  sendto,
  setsockopt,
  socket,
  systemError,
} from '../../libc.js';
import { echoRequest, identifierOffset, messageSize, replyTypes, requestTypes } from './echo-message.js';
import { type Notice, noticeOf } from './notice.js';
import { addressSizes, families, inHostOrder, type Version } from './socket-address.js';

/** SOCK_DGRAM and SOCK_RAW, and what goes with them: SOCK_NONBLOCK, SOCK_CLOEXEC. */
const kinds = { datagram: 2, raw: 3 } as const;
const nonBlocking = 0o4000;
const closeOnExec = 0o2000000;
/** IPPROTO_ICMP, IPPROTO_ICMPV6. */
const protocols = { 4: 1, 6: 58 } as const;

const levelSocket = 1;
/** SO_SNDBUF, SO_RCVBUF, and the same beyond the system's limit, which CAP_NET_ADMIN allows. */
const buffers = [7, 8, 32, 33];
/**
 * Bytes; the kernel doubles it, and counts about 1 KiB for a message. Thousands of replies can come at once, and
 * thousands of requests wait in the kernel until it knows that hosts on the same link do not exist.
 */
const bufferSize = 8 * 1024 * 1024;

/** IP_RECVERR of SOL_IP, IPV6_RECVERR of SOL_IPV6. */
const noticesWanted = { 4: [0, 11], 6: [41, 25] } as const;
/** ICMP_FILTER of SOL_RAW, ICMP6_FILTER of SOL_ICMPV6: the types that are not wanted. */
const typeFilters = { 4: [255, 1, 4], 6: [58, 1, 32] } as const;
/** MSG_ERRQUEUE of recvmsg(2). */
const fromErrorQueue = 0x2000;

/** Bytes; an IPv4 header has up to 60 of them. */
const dataSize = 128;
const controlSize = 128;
/** How often a request is sent again that failed with an error which can be that of another one. */
const attempts = 3;

export type Kind = keyof typeof kinds;

export class EchoSocket {
  readonly version: Version;
  readonly kind: Kind;
  /** The address of whom the last message came from or, for a notice, went to. */
  readonly peer: Uint8Array;
  readonly #descriptor: number;
  readonly #identifier: number;
  readonly #parts;
  readonly #header: Uint8Array;
  readonly #freshHeader: Uint8Array;
  #hasNotices = false;

  private constructor(version: Version, kind: Kind, descriptor: number) {
    this.version = version;
    this.kind = kind;
    this.#descriptor = descriptor;
    // The kernel gives a datagram socket an identifier of its own.
    this.#identifier = kind === 'raw' ? randomInt(0x10000) : 0;
    this.#parts = messageParts(addressSizes[version], dataSize, controlSize);
    this.#header = messageHeader(this.#parts);
    this.#freshHeader = this.#header.slice();
    this.peer = this.#parts.name;
  }

  /** Throws with the code of socket(2): `EACCES` or `EPERM` where neither kind is permitted. */
  static open(version: Version): EchoSocket {
    for (const kind of ['datagram', 'raw'] as const) {
      const descriptor = socket(families[version], kinds[kind] | nonBlocking | closeOnExec, protocols[version]);
      if (descriptor < 0) continue;
      const opened = new EchoSocket(version, kind, descriptor);
      opened.#prepare();
      return opened;
    }
    throw systemError('socket', `ICMP for IPv${version}`);
  }

  /** None of the options decides over right and wrong, only over what can be told and how much is read in vain. */
  #prepare(): void {
    const size = inHostOrder(bufferSize, 4);
    for (const option of buffers) setsockopt(this.#descriptor, levelSocket, option, size, size.length);
    const [noticeLevel, noticeOption] = noticesWanted[this.version];
    setsockopt(this.#descriptor, noticeLevel, noticeOption, inHostOrder(1, 4), 4);
    if (this.kind === 'datagram') return;
    const [level, option, bytes] = typeFilters[this.version];
    const unwanted = new Uint8Array(bytes).fill(0xff);
    const reply = replyTypes[this.version];
    // Words in the processor's own order, a bit for a type.
    unwanted.set(inHostOrder(~(1 << (reply & 31)) >>> 0, 4), (reply >> 5) * 4);
    setsockopt(this.#descriptor, level, option, unwanted, unwanted.length);
    attachFilter(this.#descriptor, identifierFilter(this.version, this.#identifier));
  }

  /** A request with a number of 32 bits, to be sent once or several times. */
  request(number: number): Uint8Array {
    return echoRequest(this.version, this.#identifier, number);
  }

  /** Null when it was sent, otherwise the error's name: `EAGAIN` and `ENOBUFS` are to be tried again later. */
  send(request: Uint8Array, address: Uint8Array): string | null {
    for (let attempt = 1; ; attempt += 1) {
      if (sendto(this.#descriptor, request, request.length, 0, address, address.length) >= 0) return null;
      const code = errorCode();
      if (code === 'EAGAIN' || code === 'ENOBUFS') return code;
      // With IP_RECVERR any call can fail once with what was said about an earlier request.
      this.#hasNotices = true;
      if (attempt === attempts) return code;
    }
  }

  /**
   * The next message that answers a request of this socket, without the header of IP; undefined where there is none
   * just now, null where what came is no answer. It is valid until the next call, and so is `peer`.
   */
  receive(): Uint8Array | null | undefined {
    const size = this.#read(0);
    if (size < 0) {
      if (errorCode() === 'EAGAIN') return undefined;
      this.#hasNotices = true;
      return null;
    }
    // Of a raw socket, and of that in IPv4 alone, the header comes along; its first byte tells its length.
    const hasHeader = this.version === 4 && this.kind === 'raw';
    return this.#message(hasHeader ? (this.#at(0) & 15) * 4 : 0, size, replyTypes[this.version]);
  }

  /** The next error of the network, and the request that it is about; otherwise as `receive`. */
  receiveNotice(): { readonly notice: Notice; readonly request: Uint8Array } | null | undefined {
    if (!this.#hasNotices) return undefined;
    this.#parts.control.fill(0);
    const size = this.#read(fromErrorQueue);
    if (size < 0) {
      this.#hasNotices = false;
      return undefined;
    }
    const notice = noticeOf(this.version, this.#parts.control);
    const request = this.#message(0, size, requestTypes[this.version]);
    return notice === null || request === null ? null : { notice, request };
  }

  close(): void {
    close(this.#descriptor);
  }

  #read(flags: number): number {
    this.#header.set(this.#freshHeader);
    return recvmsg(this.#descriptor, this.#header, flags);
  }

  #message(start: number, end: number, type: number): Uint8Array | null {
    if (end - start < messageSize || this.#at(start) !== type || this.#at(start + 1) !== 0) return null;
    const identifier = (this.#at(start + identifierOffset) << 8) | this.#at(start + identifierOffset + 1);
    if (this.kind === 'raw' && identifier !== this.#identifier) return null;
    return this.#parts.data.subarray(start, start + messageSize);
  }

  #at(offset: number): number {
    return this.#parts.data[offset] ?? 0;
  }
}

/** Every raw socket of the machine gets every reply; this keeps those of other identifiers out of the queue. */
function identifierFilter(version: Version, identifier: number): Instruction[] {
  // BPF_LDX | BPF_MSH, the length of the IPv4 header, or BPF_LDX | BPF_IMM; BPF_LD | BPF_H | BPF_IND;
  // BPF_JMP | BPF_JEQ; BPF_RET, a length.
  return [
    version === 4 ? [0xb1, 0, 0, 0] : [0x01, 0, 0, 0],
    [0x48, 0, 0, identifierOffset],
    [0x15, 0, 1, identifier],
    [0x06, 0, 0, 0xffffffff],
    [0x06, 0, 0, 0],
  ];
}
