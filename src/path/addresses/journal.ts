/**
 * Which addresses are ours, for the next start: written before one is put there, so that after a kill at any moment what
 * stands and is written here is ours, and what is not was somebody else's. It holds for this boot of the machine and this
 * network of it alone: addresses are gone with either.
 */

import { readlinkSync } from 'node:fs';
import { bootId } from '../../system/boot.js';
import { readBounded } from '../../system/bounded-file.js';
import { putAside } from '../../system/put-aside.js';
import { replaceFile } from '../../system/replace-file.js';
import { type OwnAddress, ownKey } from './plan.js';

/** Bytes. */
const largestFile = 16 * 1024 * 1024;
/** Milliseconds that a file system may take. */
const patience = 5_000;

export interface AddressJournal {
  /** What the run before has written; `fault` is why that cannot be known, or null. Never rejects. */
  read(): Promise<{ readonly own: readonly OwnAddress[]; readonly fault: string | null }>;
  /** Rejects where it cannot be written, or not in time. */
  write(own: Iterable<OwnAddress>): Promise<void>;
}

/** What a journal holds for. */
interface Life {
  readonly boot: string;
  readonly network: string;
}

interface Written extends Life {
  readonly ldirectord: 'vips';
  readonly format: 1;
  readonly addresses: readonly OwnAddress[];
}

export function addressJournal(path: string, life: () => Promise<Life> = thisLife): AddressJournal {
  const read = async (): Promise<readonly OwnAddress[]> => {
    const [text, now] = await Promise.all([textOf(path), life()]);
    if (text === null) return [];
    const { boot, network, addresses } = parse(text);
    return boot === now.boot && network === now.network ? addresses : [];
  };
  return {
    read: async () => {
      try {
        return { own: await inTime(read()), fault: null };
      } catch (error) {
        const then = await putAside(path).then(
          (aside) => `it is ${aside} now`,
          ({ message }: Error) => message,
        );
        return { own: [], fault: `${path}: ${(error as Error).message}; ${then}` };
      }
    },
    write: async (own) => {
      const addresses = [...own];
      const write = async (): Promise<void> => {
        const written: Written = { ldirectord: 'vips', format: 1, ...(await life()), addresses };
        await replaceFile(path, `${JSON.stringify(written)}\n`, 0o600);
      };
      await inTime(write());
    },
  };
}

export function ownByKey(own: Iterable<OwnAddress>): Map<string, OwnAddress> {
  return new Map([...own].map((address) => [ownKey(address), address]));
}

async function thisLife(): Promise<Life> {
  const boot = await bootId();
  // Not asynchronously: another thread can be in another network.
  return { boot, network: readlinkSync('/proc/self/ns/net') };
}

async function textOf(path: string): Promise<string | null> {
  try {
    return (await readBounded(path, largestFile)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parse(text: string): Written {
  const found: unknown = JSON.parse(text);
  if (!isWritten(found)) throw new Error('it holds something else than which addresses are ours');
  return found;
}

function isWritten(found: unknown): found is Written {
  const { ldirectord, format, boot, network, addresses } = (found ?? {}) as Partial<Written>;
  const isHead = ldirectord === 'vips' && format === 1 && typeof boot === 'string' && typeof network === 'string';
  return isHead && Array.isArray(addresses) && addresses.every(isOwn);
}

function isOwn(found: unknown): found is OwnAddress {
  const { family, address, prefix, device, index } = (found ?? {}) as Partial<OwnAddress>;
  const isPlace =
    (family === 'inet' || family === 'inet6') && typeof address === 'string' && typeof device === 'string';
  return isPlace && Number.isInteger(prefix) && Number.isInteger(index);
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const reason = `no answer within ${patience / 1_000} s: is its file system there?`;
    timer = setTimeout(() => reject(Object.assign(new Error(reason), { code: 'ETIMEDOUT' })), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
