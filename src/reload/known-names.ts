/** What names stood for, kept from one run to the next: a start while the name servers are away takes no server out. */

import { isIP } from 'node:net';
import type { Addresses } from '../config/resolve.js';
import { readBounded } from '../system/bounded-file.js';
import { putAside } from '../system/put-aside.js';
import { replaceFile } from '../system/replace-file.js';

/** Bytes. */
const largestFile = 64 * 1024 * 1024;
const version = 1;

export class KnownNames {
  readonly #path: string;
  /** Why those of the run before are not known; null where they are, or where there was none. */
  readonly fault: string | null;
  #addresses: Addresses;
  /** One file at a time, the newest last. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, addresses: Addresses, fault: string | null) {
    this.#path = path;
    this.#addresses = addresses;
    this.fault = fault;
  }

  /** Never rejects: a start goes on without them. */
  static async open(path: string): Promise<KnownNames> {
    try {
      return new KnownNames(path, readAddresses((await readBounded(path, largestFile)).toString('utf8')), null);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return new KnownNames(path, new Map(), code === 'ENOENT' ? null : `${path}: ${message}`);
    }
  }

  get addresses(): Addresses {
    return this.#addresses;
  }

  /** Moves a file that is not understood out of the way, for people to look at; gives its new path, null without one. */
  putAside(): Promise<string | null> {
    return putAside(this.#path).catch(() => null);
  }

  /** Puts these into the place of what the file held, whole or not at all. Rejects where it cannot be written. */
  keep(addresses: Addresses): Promise<void> {
    if (sameAddresses(addresses, this.#addresses)) return this.#writing;
    this.#addresses = addresses;
    const written = this.#writing.catch(() => {}).then(() => replaceFile(this.#path, writeAddresses(addresses), 0o600));
    this.#writing = written;
    return written;
  }
}

export function writeAddresses(addresses: Addresses): string {
  return `${JSON.stringify({ v: version, addresses: Object.fromEntries(addresses) }, null, 1)}\n`;
}

/** Throws where the text is not of `writeAddresses`. */
export function readAddresses(text: string): Addresses {
  const { v, addresses } = JSON.parse(text) as { v?: unknown; addresses?: unknown };
  if (v !== version || typeof addresses !== 'object' || addresses === null) throw new Error('it holds something else');
  const found = Object.entries(addresses);
  if (!found.every(isAddress)) throw new Error('it holds something else');
  return new Map(found);
}

const questionPattern = /^(inet6?) ./;

function isAddress(entry: [string, unknown]): entry is [string, string] {
  const [question, address] = entry;
  const family = questionPattern.exec(question)?.[1];
  return typeof address === 'string' && family !== undefined && isIP(address) === (family === 'inet6' ? 6 : 4);
}

function sameAddresses(a: Addresses, b: Addresses): boolean {
  return a.size === b.size && [...a].every(([key, address]) => b.get(key) === address);
}
