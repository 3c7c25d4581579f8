/** A socket for echo requests to all hosts of a family, and for what comes back: see icmp(7), raw(7) and ip(7). */

import { randomInt } from 'node:crypto';
import { closeDescriptor, openSocket } from '../../system/held-descriptors.js';
import {
  attachFilter,
  closeOnExec,
  errorCode,
  type Instruction,
  type Messages,
  messageHeaderSize,
  messageLengthOffset,
  newMessages,
  nonBlocking,
  recvmmsg,
  setsockopt,
  systemError,
} from '../../system/libc.js';
import { addressSizes, families, isAddressOf, littleEndian, type Version } from '../sockets/host-address.js';
import { identifierOffset, messageSize, numberIn, repeats, replyTypes, requestTypes } from './echo-message.js';
import { type Notice, noticeOf } from './notice.js';
import { type Addressed, batchSize, RequestBatch } from './request-batch.js';

/** SOCK_DGRAM, SOCK_RAW, and what goes with them: SOCK_NONBLOCK, SOCK_CLOEXEC. */
const kinds = { datagram: 2, raw: 3 } as const;
/** IPPROTO_ICMP, IPPROTO_ICMPV6. */
const protocols = { 4: 1, 6: 58 } as const;

/** SOL_SOCKET and its SO_SNDBUF, SO_RCVBUF, and both beyond the system's limit, for which it takes CAP_NET_ADMIN. */
const levelSocket = 1;
const bufferOptions = [7, 8, 32, 33];
/**
 * Bytes, which the kernel doubles; it counts about 1 KiB for a message. Thousands of replies can come at once, and
 * thousands of requests wait in the kernel until it knows that the hosts on its own link do not exist.
 */
const bufferSize = 8 * 1024 * 1024;

/** SOL_IP and IP_RECVERR, SOL_IPV6 and IPV6_RECVERR. */
const noticeOptions = { 4: [0, 11], 6: [41, 25] } as const;
/** SOL_RAW and ICMP_FILTER, SOL_ICMPV6 and ICMP6_FILTER, and its size: a bit for each type that is not wanted. */
const typeFilters = { 4: [255, 1, 4], 6: [58, 1, 32] } as const;
/** MSG_ERRQUEUE of recvmsg(2). */
const errorQueue = 0x2000;

/** Messages that one call reads at most. */
const batch = 32;
/** Bytes. An IPv4 header has up to 60 of them. */
const dataSize = 128;
const controlSize = 128;
/** How often a request is sent that fails with an error which can be another one's. */
const attempts = 3;

/** What has been read; it counts until the next reading. */
export type Reading = 'reply' | 'notice' | 'other' | 'nothing';

export class EchoSocket {
  readonly version: Version;
  readonly kind: keyof typeof kinds;
  readonly #descriptor: number;
  readonly #identifier: number;
  readonly #requests: RequestBatch;
  readonly #messages: Messages;
  readonly #freshHeaders: Uint8Array;
  readonly #headers: DataView;
  readonly #peers: DataView;
  readonly #data: DataView;
  /** How many messages the last call has read, and which of them is the present one. */
  #count = 0;
  #at = 0;
  /** Where its ICMP begins in the data. */
  #start = 0;
  #hasNotices = false;
  #refusal = '';

  private constructor(version: Version, kind: keyof typeof kinds, descriptor: number) {
    this.version = version;
    this.kind = kind;
    this.#descriptor = descriptor;
    // A datagram socket has one that the kernel chooses, writes into each request, and sorts replies by.
    this.#identifier = kind === 'raw' ? randomInt(0x10000) : 0;
    this.#requests = new RequestBatch(version, this.#identifier);
    this.#messages = newMessages(batch, { name: addressSizes[version], data: dataSize, control: controlSize });
    this.#freshHeaders = this.#messages.headers.slice();
    this.#headers = new DataView(this.#messages.headers.buffer);
    this.#peers = new DataView(this.#messages.names.buffer);
    this.#data = new DataView(this.#messages.data.buffer);
  }

  /** A datagram socket where the system allows it (ping_group_range), else a raw one. Throws as socket(2) does. */
  static open(version: Version): EchoSocket {
    for (const kind of ['datagram', 'raw'] as const) {
      const type = kinds[kind] | nonBlocking | closeOnExec;
      const descriptor = openSocket(families[version], type, protocols[version]);
      if (descriptor < 0) continue;
      const opened = new EchoSocket(version, kind, descriptor);
      opened.#prepare();
      return opened;
    }
    throw systemError('socket', `ICMP of IPv${version}`);
  }

  /** An option that is refused changes what is read in vain or told early, not who is found to be alive. */
  #prepare(): void {
    for (const option of bufferOptions) this.#set(levelSocket, option, [bufferSize]);
    const [noticeLevel, noticeOption] = noticeOptions[this.version];
    this.#set(noticeLevel, noticeOption, [1]);
    if (this.kind === 'datagram') return;
    const [filterLevel, filterOption, size] = typeFilters[this.version];
    const unwanted = new Array<number>(size / 4).fill(0xffffffff);
    const reply = replyTypes[this.version];
    unwanted[reply >> 5] = ~(1 << (reply & 31));
    this.#set(filterLevel, filterOption, unwanted);
    attachFilter(this.#descriptor, identifierFilter(this.version, this.#identifier));
  }

  #set(level: number, option: number, words: readonly number[]): void {
    const value = new Uint8Array(Uint32Array.from(words).buffer);
    setsockopt(this.#descriptor, level, option, value, value.length);
  }

  /**
   * Sends those from `first` on, as far as it goes in one call: how many. None where that one is refused, which `refusal`
   * says why.
   */
  send(requests: readonly Addressed[], first: number): number {
    const end = Math.min(requests.length, first + batchSize);
    let sent = this.#requests.send(this.#descriptor, requests, first, end);
    if (sent === end - first) return sent;
    // With IP_RECVERR whatever is called next fails once with the error that an earlier request has met.
    this.#hasNotices = true;
    for (let attempt = 1; sent < 0; attempt += 1) {
      this.#refusal = errorCode();
      if (attempt === attempts || this.hasNoRoom) return 0;
      sent = this.#requests.send(this.#descriptor, requests, first, first + 1);
    }
    return sent;
  }

  /** The name of the error for which the latest was not sent. */
  get refusal(): string {
    return this.#refusal;
  }

  /** Whether it can be sent later, as it is. */
  get hasNoRoom(): boolean {
    return this.#refusal === 'EAGAIN' || this.#refusal === 'ENOBUFS';
  }

  /** Reads a message. `other` is what is meant for somebody else, or makes no sense. */
  read(): Reading {
    this.#at += 1;
    if (this.#at >= this.#count) {
      this.#at = 0;
      this.#count = this.#receive(batch, 0);
      if (this.#count < 0) {
        if (errorCode() === 'EAGAIN') return this.#hasNotices ? this.#readNotice() : 'nothing';
        this.#hasNotices = true;
        return 'other';
      }
    }
    const start = this.#at * dataSize;
    // A raw socket of IPv4 gives the header of IP too; the lower half of its first byte is its length in words.
    this.#start = start + (this.version === 4 && this.kind === 'raw' ? (this.#data.getUint8(start) & 15) * 4 : 0);
    return this.#holds(replyTypes[this.version]) ? 'reply' : 'other';
  }

  /** The number of the request that the reply or the notice is about. */
  get number(): number {
    return numberIn(this.#data, this.#start);
  }

  /** Whether the reply comes from its target, or the notice is about that, and both repeat what marks the request. */
  isAbout(request: Addressed): boolean {
    const peerAt = this.#at * addressSizes[this.version];
    return repeats(this.#data, this.#start, request) && isAddressOf(this.#peers, request.target, peerAt);
  }

  /** What the network says; null where that does not mean that the request is lost. */
  get notice(): Notice | null {
    return noticeOf(this.version, this.#messages.controls.buffer);
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }

  #readNotice(): Reading {
    this.#messages.controls.fill(0, 0, controlSize);
    this.#count = this.#receive(1, errorQueue);
    this.#hasNotices = this.#count > 0;
    if (this.#count < 0) return 'nothing';
    this.#start = 0;
    return this.#holds(requestTypes[this.version]) ? 'notice' : 'other';
  }

  #receive(count: number, flags: number): number {
    const { headers } = this.#messages;
    headers.set(this.#freshHeaders);
    return recvmmsg(this.#descriptor, headers, count, flags, null);
  }

  /** Whether the present message is of the type, and meant for this socket. */
  #holds(type: number): boolean {
    const size = this.#headers.getUint32(this.#at * messageHeaderSize + messageLengthOffset, littleEndian);
    if (size - (this.#start - this.#at * dataSize) < messageSize) return false;
    if (this.#data.getUint16(this.#start) !== type << 8) return false;
    return this.kind === 'datagram' || this.#data.getUint16(this.#start + identifierOffset) === this.#identifier;
  }
}

/** All raw sockets of a machine get all replies; those of other identifiers never reach the queue of this one. */
function identifierFilter(version: Version, identifier: number): Instruction[] {
  return [
    // X is the length of the header of IP, which only IPv4 shows: BPF_LDX with BPF_MSH or BPF_IMM.
    version === 4 ? [0xb1, 0, 0, 0] : [0x01, 0, 0, 0],
    // BPF_LD, BPF_H and BPF_IND; BPF_JMP and BPF_JEQ; BPF_RET: all of it, or nothing.
    [0x48, 0, 0, identifierOffset],
    [0x15, 0, 1, identifier],
    [0x06, 0, 0, 0xffffffff],
    [0x06, 0, 0, 0],
  ];
}
