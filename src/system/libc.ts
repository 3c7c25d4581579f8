/**
 * Calls of the C library that Node has no function for. All are synchronous, and none of them waits where the
 * descriptor is non-blocking: koffi's asynchronous calls have crashed in worker threads (Koromix/koffi issue 190).
 * Each returns -1 where it fails; `errorCode` then says why.
 */

import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import koffi from 'koffi';

// The process' own C library: glibc and musl alike.
const library = koffi.load(null);

/** SOCK_NONBLOCK and SOCK_CLOEXEC of socket(2), beside its type; the latter is EPOLL_CLOEXEC of epoll_create1(2), too. */
export const nonBlocking = 0o4000;
export const closeOnExec = 0o2000000;

export const socket = library.func('int socket(int domain, int type, int protocol)') as (
  domain: number,
  type: number,
  protocol: number,
) => number;

/** Address is a sockaddr. */
export const connect = library.func('int connect(int fd, const uint8_t *address, uint32_t size)') as (
  fd: number,
  address: Uint8Array,
  size: number,
) => number;

export const bind = library.func('int bind(int fd, const uint8_t *address, uint32_t size)') as (
  fd: number,
  address: Uint8Array,
  size: number,
) => number;

type NameCall = (fd: number, address: Uint8Array, size: Uint32Array) => number;

/** Writes the socket's own address. The size is that of the room, and then that of the address. */
export const getsockname = library.func(
  'int getsockname(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *size)',
) as NameCall;

export const setsockopt = library.func(
  'int setsockopt(int fd, int level, int option, const uint8_t *value, uint32_t size)',
) as (fd: number, level: number, option: number, value: Uint8Array, size: number) => number;

const getsockopt = library.func(
  'int getsockopt(int fd, int level, int option, _Out_ uint8_t *value, _Inout_ uint32_t *size)',
) as (fd: number, level: number, option: number, value: Uint8Array, size: Uint32Array) => number;

const pending = new Int32Array(1);
const pendingBytes = new Uint8Array(pending.buffer);
const pendingSize = new Uint32Array([pending.byteLength]);

/** Takes the error off a socket that is pending there, as a number; 0 where there is none. SO_ERROR of socket(7). */
export function takePendingError(fd: number): number {
  return getsockopt(fd, 1, 4, pendingBytes, pendingSize) < 0 ? 0 : (pending[0] ?? 0);
}

/** SO_PEERCRED of socket(7): powerpc has a number of its own. */
const peerCredentials = process.arch === 'ppc64' ? 21 : 17;
/** -1, of a socket whose other end has no credentials. */
const nobodysUser = 0xffff_ffff;
const credentials = new Uint32Array(3);
const credentialBytes = new Uint8Array(credentials.buffer);
const credentialSize = new Uint32Array(1);

/** The user that connected to a Unix socket, as a number of this process' user namespace; null where nobody knows. */
export function peerUser(fd: number): number | null {
  credentialSize[0] = credentialBytes.byteLength;
  if (getsockopt(fd, 1, peerCredentials, credentialBytes, credentialSize) < 0) return null;
  const [, uid = nobodysUser] = credentials;
  return uid === nobodysUser ? null : uid;
}

/** Bytes sent. */
export const send = library.func('intptr_t send(int fd, const uint8_t *data, size_t length, int flags)') as (
  fd: number,
  data: Uint8Array,
  length: number,
  flags: number,
) => number;

/** Bytes read into `data`; 0 where the peer has closed. */
export const recv = library.func('intptr_t recv(int fd, _Out_ uint8_t *data, size_t length, int flags)') as (
  fd: number,
  data: Uint8Array,
  length: number,
  flags: number,
) => number;

export const sendto = library.func(
  'intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *address, uint32_t size)',
) as (fd: number, data: Uint8Array, length: number, flags: number, address: Uint8Array, size: number) => number;

/** Headers are those of `newMessages`, whose parts are sent whole. How many messages were sent before one failed. */
export const sendmmsg = library.func('int sendmmsg(int fd, uint8_t *headers, unsigned int count, int flags)') as (
  fd: number,
  headers: Uint8Array,
  count: number,
  flags: number,
) => number;

/** Headers are those of `newMessages`. How many messages were read into its parts, each with its length. */
export const recvmmsg = library.func(
  'int recvmmsg(int fd, uint8_t *headers, unsigned int count, int flags, void *timeout)',
) as (fd: number, headers: Uint8Array, count: number, flags: number, timeout: null) => number;

const getrlimit = library.func('int getrlimit(int resource, _Out_ uint8_t *limits)') as (
  resource: number,
  limits: Uint8Array,
) => number;

/** RLIMIT_NOFILE of getrlimit(2). */
const openFiles = 7;
const resourceLimits = new BigUint64Array(2);
const resourceLimitBytes = new Uint8Array(resourceLimits.buffer);

/** Descriptors that this process may have open; Infinity where nothing says so. */
export function descriptorLimit(): number {
  if (getrlimit(openFiles, resourceLimitBytes) < 0) return Number.POSITIVE_INFINITY;
  const [soft = 0n] = resourceLimits;
  return Number(soft);
}

const adjtimex = library.func('int adjtimex(uint8_t *clock)') as (clock: Uint8Array) => number;

/** TIME_ERROR of adjtimex(2). */
const unsynchronised = 5;
/** More than a struct timex takes; all zeros, it changes nothing. */
const clockBytes = 256;

/** Whether somebody keeps the kernel's clock; null where that is not told. */
export function isClockKept(): boolean | null {
  const state = adjtimex(new Uint8Array(clockBytes));
  return state < 0 ? null : state !== unsynchronised;
}

/** M_ARENA_MAX and M_TRIM_THRESHOLD of mallopt(3). */
const mostArenas = -8;
const mostAtEnd = -1;

/** Of glibc alone: elsewhere nothing is called. */
function callIfAny(prototype: string, ...values: number[]): void {
  let call: (...values: number[]) => number;
  try {
    call = library.func(prototype);
  } catch {
    return;
  }
  call(...values);
}

/** Threads that begin from now on share so many arenas of malloc(3), or as many as there are. */
export function keepArenas(count: number): void {
  callIfAny('int mallopt(int parameter, int value)', mostArenas, count);
}

/** From now on more than so many bytes that are free at the end of an arena go to the kernel at once. */
export function keepAtEnd(bytes: number): void {
  callIfAny('int mallopt(int parameter, int value)', mostAtEnd, bytes);
}

/** Gives the kernel the memory of malloc(3) that is free. See malloc_trim(3). */
export function giveBack(): void {
  callIfAny('int malloc_trim(size_t rest)', 0);
}

const madvise = library.func('int madvise(uintptr_t address, size_t length, int advice)') as (
  address: bigint,
  length: bigint,
  advice: number,
) => number;
/** MADV_DONTNEED of madvise(2). */
const notNeeded = 4;

/** Of a mapping of a file that nobody has changed: its pages are read from there when they are needed again. */
export function forget(address: bigint, length: bigint): void {
  madvise(address, length, notNeeded);
}

export const close = library.func('int close(int fd)') as (fd: number) => number;

export const flock = library.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;

export const epollCreate = library.func('int epoll_create1(int flags)') as (flags: number) => number;

/** The event is a struct epoll_event: see `epoll_ctl(2)`; packed on x86-64 alone. */
export const epollControl = library.func('int epoll_ctl(int epoll, int operation, int fd, const uint8_t *event)') as (
  epoll: number,
  operation: number,
  fd: number,
  event: Uint8Array | null,
) => number;

/** How many events were written to `events`. A timeout of 0 never waits; others, in milliseconds, hold up the thread. */
export const epollWait = library.func('int epoll_wait(int epoll, _Out_ uint8_t *events, int bound, int timeout)') as (
  epoll: number,
  events: Uint8Array,
  bound: number,
  timeout: number,
) => number;

/** The index of a network interface; 0 where there is none of this name. */
export const interfaceIndex = library.func('unsigned int if_nametoindex(const char *name)') as (name: string) => number;

/** 1 where `text` is a literal address of the family, whose bytes were then written to `bytes`. */
export const inetPton = library.func('int inet_pton(int family, const char *text, _Out_ uint8_t *bytes)') as (
  family: number,
  text: string,
  bytes: Uint8Array,
) => number;

const ioVector = koffi.struct({ base: 'uintptr_t', length: 'size_t' });
const msghdr = koffi.struct({
  name: 'uintptr_t',
  nameSize: 'uint32_t',
  vectors: 'uintptr_t',
  vectorCount: 'size_t',
  control: 'uintptr_t',
  controlSize: 'size_t',
  flags: 'int',
});
const mmsghdr = koffi.struct({ header: msghdr, length: 'uint32_t' });

/** Bytes of a size_t. */
export const wordSize = koffi.sizeof('size_t');
/** Bytes of a struct mmsghdr, and where in it the length of what was read stands, as a uint32_t. */
export const messageHeaderSize = koffi.sizeof(mmsghdr);
export const messageLengthOffset = koffi.offsetof(mmsghdr, 'length');

/** Bytes of each part of a message. */
export interface PartSizes {
  readonly name: number;
  readonly data: number;
  readonly control: number;
}

/** Room for messages to read or to send. The headers point at the rest, which is to be held as long as they are. */
export interface Messages {
  /** Structs mmsghdr. Reading writes into them, so that each needs fresh ones; sending tells their lengths alone. */
  readonly headers: Uint8Array<ArrayBuffer>;
  /** The peers' addresses, the data and the control messages, each one after the other. */
  readonly names: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
  readonly controls: Uint8Array<ArrayBuffer>;
  readonly vectors: Uint8Array<ArrayBuffer>;
}

/** The memory of an ArrayBuffer stays where it is; that of a small array need not. */
export function newMessages(count: number, sizes: PartSizes): Messages {
  const part = (size: number) => new Uint8Array(new ArrayBuffer(size * count));
  const vectorSize = koffi.sizeof(ioVector);
  const messages = {
    headers: part(messageHeaderSize),
    names: part(sizes.name),
    data: part(sizes.data),
    controls: part(sizes.control),
    vectors: part(vectorSize),
  };
  // koffi gives addresses as big integers: on some machines they go beyond what a number holds exactly.
  const place = (bytes: Uint8Array, size: number, index: number) => koffi.address(bytes) + BigInt(size * index);
  for (let index = 0; index < count; index += 1) {
    const vector = { base: place(messages.data, sizes.data, index), length: sizes.data };
    koffi.encode(messages.vectors.subarray(vectorSize * index), ioVector, vector);
    const header = {
      name: place(messages.names, sizes.name, index),
      nameSize: sizes.name,
      vectors: place(messages.vectors, vectorSize, index),
      vectorCount: 1,
      control: sizes.control === 0 ? 0n : place(messages.controls, sizes.control, index),
      controlSize: sizes.control,
      flags: 0,
    };
    koffi.encode(messages.headers.subarray(messageHeaderSize * index), mmsghdr, { header, length: 0 });
  }
  return messages;
}

const instruction = koffi.struct({ code: 'uint16_t', whenTrue: 'uint8_t', whenFalse: 'uint8_t', value: 'uint32_t' });
const program = koffi.struct({ length: 'uint16_t', instructions: 'uintptr_t' });

/** An instruction of a classic BPF program: code, jumps when true and when false, value. */
export type Instruction = readonly [number, number, number, number];

/** Lets the socket receive only what the program accepts: see SO_ATTACH_FILTER in socket(7). */
export function attachFilter(fd: number, instructions: readonly Instruction[]): number {
  const size = koffi.sizeof(instruction);
  const code = new Uint8Array(new ArrayBuffer(size * instructions.length));
  for (const [index, [operation, whenTrue, whenFalse, value]] of instructions.entries()) {
    const place = code.subarray(index * size);
    koffi.encode(place, instruction, { code: operation, whenTrue, whenFalse, value });
  }
  const option = new Uint8Array(koffi.sizeof(program));
  koffi.encode(option, program, { length: instructions.length, instructions: koffi.address(code) });
  return setsockopt(fd, 1, 26, option, option.length);
}

/** The name of the last call's error, as `ENOENT`. To be asked before anything else is called. */
export function errorCode(): string {
  return errorName(koffi.errno());
}

const ownNames = getSystemErrorMap();
const otherNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** The name of an error's number. Node's own names come first; it has none for errors that its calls never give. */
export function errorName(number: number): string {
  return ownNames.get(-number)?.[0] ?? otherNames.get(number) ?? `error ${number}`;
}

/** The last call's error as Node's own functions throw theirs. */
export function systemError(call: string, object: string): NodeJS.ErrnoException {
  const code = errorCode();
  return Object.assign(new Error(`${code}: ${call} '${object}'`), { code, syscall: call });
}
