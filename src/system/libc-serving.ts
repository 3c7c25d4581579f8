/** Calls of the C library for who serves connections, as those of `libc.ts`: synchronous, on non-blocking descriptors. */

import koffi from 'koffi';
import { closeOnExec, nonBlocking, setsockopt } from './libc.js';

const library = koffi.load(null);

export const listen = library.func('int listen(int fd, int backlog)') as (fd: number, backlog: number) => number;

const accept4 = library.func('int accept4(int fd, _Out_ uint8_t *address, _Inout_ uint32_t *size, int flags)') as (
  fd: number,
  address: Uint8Array,
  size: Uint32Array,
  flags: number,
) => number;

const room = new Uint32Array(1);

/** The descriptor of the next connection, non-blocking; its peer's name is written to `address`, which has room for it. */
export function accept(fd: number, address: Uint8Array): number {
  room[0] = address.length;
  return accept4(fd, address, room, nonBlocking | closeOnExec);
}

export const shutdown = library.func('int shutdown(int fd, int how)') as (fd: number, how: number) => number;

const eventfd = library.func('int eventfd(unsigned int initial, int flags)') as (
  initial: number,
  flags: number,
) => number;

/** A descriptor by which one thread wakes another that waits for edges of events: there is nothing to read. */
export function newWaker(): number {
  return eventfd(0, nonBlocking | closeOnExec);
}

const write = library.func('intptr_t write(int fd, const uint8_t *data, size_t length)') as (
  fd: number,
  data: Uint8Array,
  length: number,
) => number;

const one = new Uint8Array(new BigUint64Array([1n]).buffer);

export function wake(fd: number): void {
  write(fd, one, one.length);
}

/** SO_LINGER of socket(7): on, without time. */
const atOnce = new Uint8Array(new Int32Array([1, 0]).buffer);

/** From now on closing the descriptor resets its connection: what was not sent yet is lost, and the peer sees it. */
export function resetAtClose(fd: number): void {
  setsockopt(fd, 1, 13, atOnce, atOnce.length);
}

const on = new Uint8Array(new Int32Array([1]).buffer);

/** TCP_NODELAY of tcp(7): what is sent goes at once. Connections have it of their listener. */
export function sendAtOnce(fd: number): void {
  setsockopt(fd, 6, 1, on, on.length);
}

/** The number of the last call's error, by which one that is met often is told without a text. */
export const errorNumber = koffi.errno;
