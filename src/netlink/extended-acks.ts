/**
 * Asks the kernel to say more than an error number: setsockopt(SOL_NETLINK, NETLINK_EXT_ACK), see netlink(7).
 * The package `netlink` neither does it nor gives its descriptor away, so the descriptor is looked for. It is
 * a courtesy: where any step fails there are only the numbers.
 */

import { readdir, readFile, readlink } from 'node:fs/promises';

const solNetlink = 270;
const netlinkExtAck = 11;

/** Of the netlink socket of this process and protocol that is bound to this port; false where it could not be done. */
export async function requestExtendedAcks(protocol: number, port: number): Promise<boolean> {
  try {
    const inode = inodeOf(await readFile('/proc/net/netlink', 'latin1'), protocol, port);
    const descriptor = inode === null ? null : await descriptorOf(inode);
    return descriptor !== null && (await switchOn(descriptor));
  } catch {
    return false;
  }
}

/** From the text of /proc/net/netlink, whose columns are: sk, protocol, port, …, inode. Null where it is not there. */
export function inodeOf(text: string, protocol: number, port: number): string | null {
  for (const line of text.split('\n')) {
    const [, kind, owner, ...rest] = line.trim().split(/\s+/);
    if (Number(kind) === protocol && Number(owner) === port) return rest.at(-1) ?? null;
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

async function switchOn(descriptor: number): Promise<boolean> {
  setsockopt ??= loadSetsockopt();
  return (await setsockopt)(descriptor, solNetlink, netlinkExtAck, [1], 4) === 0;
}

type Setsockopt = (descriptor: number, level: number, option: number, value: [number], length: number) => number;

/** Kept: what the package makes of a C function stays for good, and sockets are opened again. */
let setsockopt: Promise<Setsockopt> | null = null;

async function loadSetsockopt(): Promise<Setsockopt> {
  const { default: koffi } = await import('koffi');
  return koffi.load('libc.so.6').func('int setsockopt(int, int, int, const int *, uint32_t)');
}
