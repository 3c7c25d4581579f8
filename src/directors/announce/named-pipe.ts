/** Writing to a named pipe that another program reads, which may not be there, not read, or be another one by now. */

import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';

/** `lost`: nobody reads what was written before any more, or somebody else does now. */
export type Written = 'written' | 'full' | 'lost';

/** Bytes that the kernel takes whole or not at all: PIPE_BUF, see pipe(7). */
export const wholeBytes = 4_096;

export class NamedPipe {
  readonly path: string;
  #file: FileHandle | null = null;
  #inode = 0n;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Whether it is open for the one that reads it now, and was so before: `new` where this is another one. Rejects with an
   * Error for people where nobody reads it. Nothing here waits for a reader: see fifo(7).
   */
  async open(): Promise<'new' | 'same'> {
    const reader = await this.#openNow();
    const inode = (await reader.stat({ bigint: true })).ino;
    if (this.#file !== null && inode === this.#inode) {
      await reader.close();
      return 'same';
    }
    await this.close();
    this.#file = reader;
    this.#inode = inode;
    return 'new';
  }

  /** At most `wholeBytes`. Rejects for what is not foreseen. */
  async write(bytes: Buffer): Promise<Written> {
    try {
      await this.#file?.write(bytes);
      return this.#file === null ? 'lost' : 'written';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return 'full';
      if (code !== 'EPIPE') throw error;
      await this.close();
      return 'lost';
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => {});
  }

  /** Fails at once where nobody has it open for reading. */
  async #openNow(): Promise<FileHandle> {
    try {
      const found = await stat(this.path);
      if (!found.isFIFO()) throw new Error(`${this.path} is no named pipe: take it away, then mkfifo ${this.path}`);
      return await open(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      await this.close();
      const { code = '', message } = error as NodeJS.ErrnoException;
      throw new Error(code in remedies ? `${this.path}: ${remedies[code]}` : message, { cause: error });
    }
  }
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such pipe: does ExaBGP run? Otherwise mkfifo makes one',
  ENXIO: 'nobody reads it: does ExaBGP run?',
  EACCES: 'no permission to write to it: its group, or its mode, has to let root without further capabilities write',
};
