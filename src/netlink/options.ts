/**
 * Options of a socket that the package `netlink` has no function for, see netlink(7): it does not give its descriptor
 * away either, so that is looked for.
 */

import { readdir, readFile, readlink } from 'node:fs/promises';

const solNetlink = 270;
const netlinkNoEnobufs = 5;
const netlinkExtAck = 11;

/**
 * Of the netlink socket of this process and protocol that is bound to this port; false where it could not be done. The
 * kernel says more than an error number then. And a queue that is full is no error of the socket: libuv has no words for
 * one of a socket that it polls but EBADF, at which the package ends the process. Who listens looks by `dropsOf`.
 */
export async function setOptions(protocol: number, port: number): Promise<boolean> {
  try {
    const inode = rowOf(await sockets(), protocol, port)?.inode;
    const descriptor = inode === undefined ? null : await descriptorOf(inode);
    if (descriptor === null) return false;
    setsockopt ??= loadSetsockopt();
    const set = await setsockopt;
    // Each by itself: an older kernel says no more than it can.
    const outcomes = [netlinkNoEnobufs, netlinkExtAck].map((option) => set(descriptor, solNetlink, option, [1], 4));
    return outcomes.every((outcome) => outcome === 0);
  } catch {
    return false;
  }
}

/** How many datagrams the kernel has dropped since the socket was opened, its queue being full; null where it does not say. */
export async function dropsOf(protocol: number, port: number): Promise<number | null> {
  try {
    return rowOf(await sockets(), protocol, port)?.drops ?? null;
  } catch {
    return null;
  }
}

function sockets(): Promise<string> {
  return readFile('/proc/net/netlink', 'latin1');
}

/** From the text of that file, whose columns are: sk, protocol, port, …, drops, inode. Null where it is not there. */
export function rowOf(
  text: string,
  protocol: number,
  port: number,
): { readonly drops: number; readonly inode: string } | null {
  for (const line of text.split('\n')) {
    const [, kind, owner, ...rest] = line.trim().split(/\s+/);
    const [drops, inode] = rest.slice(-2);
    if (Number(kind) === protocol && Number(owner) === port && inode !== undefined) {
      return { drops: Number(drops), inode };
    }
  }
  return null;
}

async function descriptorOf(inode: string): Promise<number | null> {
  for (const name of await readdir('/proc/self/fd')) {
    // Descriptors come and go while one looks.
    const target = await readlink(`/proc/self/fd/${name}`).catch(() => '');
    if (target === `socket:[${inode}]`) return Number(name);
  }
  return null;
}

type Setsockopt = (descriptor: number, level: number, option: number, value: [number], length: number) => number;

/** Kept: what the package makes of a C function stays for good, and sockets are opened again. */
let setsockopt: Promise<Setsockopt> | null = null;

async function loadSetsockopt(): Promise<Setsockopt> {
  const { default: koffi } = await import('koffi');
  return koffi.load('libc.so.6').func('int setsockopt(int, int, int, const int *, uint32_t)');
}
