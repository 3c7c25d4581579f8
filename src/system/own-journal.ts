/**
 * Which things on this machine are ours, for the next start: written before one is put there, so that after a kill at any
 * moment what stands and is written here is ours, and what is not was somebody else's. It holds for this boot of the
 * machine and this network of it alone: such things are gone with either.
 */

import { readlinkSync } from 'node:fs';
import { bootId } from './boot.js';
import { readBounded } from './bounded-file.js';
import { putAside } from './put-aside.js';
import { replaceFile } from './replace-file.js';

/** Bytes. */
const largestFile = 16 * 1024 * 1024;
/** Milliseconds that a file system may take. */
const patience = 5_000;

export interface OwnJournal<T> {
  /** What the run before has written; `fault` is why that cannot be known, or null. Never rejects. */
  read(): Promise<{ readonly own: readonly T[]; readonly fault: string | null }>;
  /** Rejects where it cannot be written, or not in time. */
  write(own: Iterable<T>): Promise<void>;
}

/** What a journal is of. */
export interface Kind<T> {
  /** Of the file. */
  readonly word: string;
  /** Under which its things stand there. */
  readonly property: string;
  /** For people. */
  readonly called: string;
  readonly isOwn: (found: unknown) => found is T;
}

/** What a journal holds for. */
interface Life {
  readonly boot: string;
  readonly network: string;
}

export function ownJournal<T>(path: string, kind: Kind<T>, life: () => Promise<Life> = thisLife): OwnJournal<T> {
  const read = async (): Promise<readonly T[]> => {
    const [text, now] = await Promise.all([textOf(path), life()]);
    if (text === null) return [];
    const { boot, network, own } = parse(text, kind);
    return boot === now.boot && network === now.network ? own : [];
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
      const written = [...own];
      const write = async (): Promise<void> => {
        const content = { ldirectord: kind.word, format: 1, ...(await life()), [kind.property]: written };
        await replaceFile(path, `${JSON.stringify(content)}\n`, 0o600);
      };
      await inTime(write());
    },
  };
}

/** What is ours, written where it has changed. Where that cannot be, the things matter more: it is told, once. */
export class JournalWriter<T> {
  readonly #journal: OwnJournal<T>;
  readonly #keyOf: (one: T) => string;
  readonly #onLost: (reason: string) => void;
  /** What the journal says, as one text. */
  #written = '';
  #isLost = false;

  /** `keyOf` is all that is written of one, as a text. */
  constructor(journal: OwnJournal<T>, keyOf: (one: T) => string, onLost: (reason: string) => void) {
    this.#journal = journal;
    this.#keyOf = keyOf;
    this.#onLost = onLost;
  }

  /** What the run before has written, as far as that can be known. Never rejects. */
  async read(): Promise<readonly T[]> {
    const { own, fault } = await this.#journal.read();
    if (fault !== null) this.#onLost(fault);
    this.#written = this.#textOf(own);
    return own;
  }

  /** Never rejects. */
  async write(own: readonly T[]): Promise<void> {
    const text = this.#textOf(own);
    if (text === this.#written) return;
    try {
      await this.#journal.write(own);
      this.#written = text;
      this.#isLost = false;
    } catch (error) {
      if (!this.#isLost)
        this.#onLost(`the next start would take them for somebody else’s: ${(error as Error).message}`);
      this.#isLost = true;
    }
  }

  #textOf(own: readonly T[]): string {
    return own.map(this.#keyOf).toSorted().join('\n');
  }
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

function parse<T>(text: string, { word, property, called, isOwn }: Kind<T>): Life & { readonly own: readonly T[] } {
  const found: unknown = JSON.parse(text);
  const { ldirectord, format, boot, network, [property]: own } = (found ?? {}) as Partial<Record<string, unknown>>;
  const isHead = ldirectord === word && format === 1 && typeof boot === 'string' && typeof network === 'string';
  if (!isHead || !Array.isArray(own) || !own.every(isOwn)) {
    throw new Error(`it holds something else than which ${called} are ours`);
  }
  return { boot, network, own };
}

/** Rejects where a file system does not answer. */
export async function inTime<T>(work: Promise<T>): Promise<T> {
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
