/**
 * A file of lines that grows, and is written anew when it has grown enough. What is appended is not flushed: a kill of
 * the process costs nothing of it, a loss of power some seconds. A line that was cut off by either is no line.
 */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { inSlices, type Work } from '../slices.js';
import { readBounded } from '../system/bounded-file.js';
import { putAside } from '../system/put-aside.js';
import { replaceFile } from '../system/replace-file.js';

/** Bytes. */
const largestFile = 64 * 1024 * 1024;
/** Bytes by which a file may grow, at least, before it is written anew. */
const leastGrowth = 256 * 1024;
/** Lines that are made bytes of in one go. */
const portion = 1_000;

const faults: Readonly<Record<string, string>> = {
  EFBIG: `it is larger than ${largestFile / 1024 / 1024} MiB`,
  EISDIR: 'it is a directory',
  EINVAL: 'it is no ordinary file',
  ETIMEDOUT: 'it was not read in time: is its file system there?',
};

/** What was read; `fault` is why not all of it counts, or null. */
export interface Found {
  readonly lines: readonly string[];
  readonly fault: string | null;
}

export class KeptFile {
  readonly path: string;
  readonly #head: string;
  /** Bytes, as it was written anew, and now; null where it has not been yet. */
  #written: number | null = null;
  #size = 0;

  constructor(path: string, name: string, format: number) {
    this.path = path;
    this.#head = JSON.stringify({ ldirectord: name, format });
  }

  /** Whether it is to be written anew: it never was, it could not be appended to, or it has grown enough. */
  get isDue(): boolean {
    return this.#written === null || this.#size - this.#written > Math.max(leastGrowth, this.#written);
  }

  /** Never rejects. */
  async read(): Promise<Found> {
    let text: string;
    try {
      text = (await readBounded(this.path, largestFile)).toString('utf8');
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return { lines: [], fault: null };
      return { lines: [], fault: faults[code] ?? message };
    }
    const [head, ...lines] = text.split('\n');
    if (head !== this.#head) return { lines: [], fault: `it holds something else than ${this.#head}` };
    // After the last line's end comes nothing, or one that was cut off.
    return { lines: lines.slice(0, -1), fault: null };
  }

  /** Out of the way, for people to look at; gives where it is then. Rejects where that cannot be done. */
  putAside(): Promise<string> {
    return putAside(this.path);
  }

  /** Rejects where it cannot be written; then it stays as it was. */
  async rewrite(lines: readonly string[]): Promise<void> {
    this.#written = null;
    const bytes = await inSlices(bytesOf([[this.#head], lines]));
    await replaceFile(this.path, bytes, 0o600);
    this.#written = bytes.length;
    this.#size = this.#written;
  }

  /** Rejects where that cannot be done, or somebody else has changed it; then it is to be written anew. */
  async append(lines: readonly string[]): Promise<void> {
    const before = this.#written;
    this.#written = null;
    const bytes = await inSlices(bytesOf([lines]));
    const file = await open(this.path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW);
    try {
      await appendTo(file, bytes, this.#size);
    } finally {
      await file.close();
    }
    this.#size += bytes.length;
    this.#written = before;
  }
}

async function appendTo(file: FileHandle, bytes: Buffer, size: number): Promise<void> {
  if ((await file.stat()).size !== size) throw new Error('somebody else writes to it');
  for (let written = 0; written < bytes.length; ) written += (await file.write(bytes, written)).bytesWritten;
}

/** Of a hundred thousand lines they are megabytes. */
function* bytesOf(parts: readonly (readonly string[])[]): Work<Buffer> {
  const portions: Buffer[] = [];
  for (const lines of parts) {
    for (let at = 0; at < lines.length; at += portion) {
      portions.push(Buffer.from(`${lines.slice(at, at + portion).join('\n')}\n`));
      yield;
    }
  }
  return Buffer.concat(portions);
}
