/**
 * Calls of the C library that Node has no function for. All are synchronous, and none of them waits where the
 * descriptor is non-blocking: koffi's asynchronous calls have crashed in worker threads (Koromix/koffi issue 190).
 * Each returns -1 where it fails; `errorCode` then says why.
 */

import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

// The process' own C library: glibc and musl alike.
const library = koffi.load(null);

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

export const setsockopt = library.func(
  'int setsockopt(int fd, int level, int option, const uint8_t *value, uint32_t size)',
) as (fd: number, level: number, option: number, value: Uint8Array, size: number) => number;

/** `size` holds the size of `value`, and then what was written of it. */
export const getsockopt = library.func(
  'int getsockopt(int fd, int level, int option, _Out_ uint8_t *value, _Inout_ uint32_t *size)',
) as (fd: number, level: number, option: number, value: Uint8Array, size: [number]) => number;

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

/** The sender's address is written to `address`; `size` holds its size. */
export const recvfrom = library.func(
  'intptr_t recvfrom(int fd, _Out_ uint8_t *data, size_t length, int flags, _Out_ uint8_t *address, _Inout_ uint32_t *size)',
) as (fd: number, data: Uint8Array, length: number, flags: number, address: Uint8Array, size: [number]) => number;

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

/** How many events were written to `events`. A timeout of 0 never waits. */
export const epollWait = library.func('int epoll_wait(int epoll, _Out_ uint8_t *events, int bound, int timeout)') as (
  epoll: number,
  events: Uint8Array,
  bound: number,
  timeout: 0,
) => number;

/** The name of the last call's error, as `ENOENT`. To be asked before anything else is called. */
export function errorCode(): string {
  return getSystemErrorName(-koffi.errno());
}

/** The last call's error as Node's own functions throw theirs. */
export function systemError(call: string, object: string): NodeJS.ErrnoException {
  const code = errorCode();
  return Object.assign(new Error(`${code}: ${call} '${object}'`), { code, syscall: call });
}
