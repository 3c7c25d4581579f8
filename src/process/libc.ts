/** Calls of the C library that Node has no function for. All are synchronous and none of them waits. */

import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';

// The process' own C library: glibc and musl alike.
const library = koffi.load(null);

export const socket = library.func('int socket(int domain, int type, int protocol)') as (
  domain: number,
  type: number,
  protocol: number,
) => number;

export const sendto = library.func(
  'intptr_t sendto(int fd, const uint8_t *data, size_t length, int flags, const uint8_t *address, uint32_t size)',
) as (fd: number, data: Uint8Array, length: number, flags: number, address: Uint8Array, size: number) => number;

export const flock = library.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;

export const close = library.func('int close(int fd)') as (fd: number) => number;

/** The name of the last call's error, as `ENOENT`. To be asked before anything else is called. */
export function errorCode(): string {
  return getSystemErrorName(-koffi.errno());
}

/** The last call's error as Node's own functions throw theirs. */
export function systemError(call: string, object: string): NodeJS.ErrnoException {
  const code = errorCode();
  return Object.assign(new Error(`${code}: ${call} '${object}'`), { code, syscall: call });
}
