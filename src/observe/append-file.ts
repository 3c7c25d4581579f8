/** A file to which lines are appended for years, while others rename, truncate or remove it. */

import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Delivery, LineQueue, type LineQueueOptions } from './line-queue.js';

export interface AppendFileOptions extends Omit<LineQueueOptions, 'deliver'> {
  /** Of a file, a named pipe, or a terminal. */
  readonly path: string;
}

/** Without the last flag, opening a named pipe waits for its reader, and writing to a terminal for who paused it. */
export const appending =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOCTTY | constants.O_NONBLOCK;
const newline = 0x0a;

export class AppendFile {
  readonly #path: string;
  readonly #queue: LineQueue;
  #handle: FileHandle | null = null;
  /** Bytes of the first line that waits which stand in the file, where its reader was slow. */
  #begun = 0;
  /** Whether the last write ended within a line that is to be written again as a whole. */
  #torn = false;

  constructor({ path, ...options }: AppendFileOptions) {
    this.#path = path;
    this.#queue = new LineQueue({ ...options, deliver: (lines) => this.#deliver(lines) });
  }

  /** The line ends with a newline. Returns at once. */
  write(line: string): void {
    this.#queue.write(line);
  }

  async close(): Promise<void> {
    await this.#queue.close();
    const handle = this.#handle;
    this.#handle = null;
    // Not waited for: on a file system that is away it may take for ever.
    void handle?.close().catch(() => {});
  }

  async #deliver(lines: readonly string[]): Promise<Delivery> {
    const bytes = Buffer.from(lines.join(''));
    let written = 0;
    try {
      const handle = await this.#current();
      if (this.#torn) await handle.write('\n');
      this.#torn = false;
      written = this.#begun;
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
      this.#begun = 0;
      return { taken: lines.length, trouble: null };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const out = bytes.subarray(0, written);
      this.#begun = written - (out.lastIndexOf(newline) + 1);
      if (code !== 'EAGAIN') await this.#forget();
      return { taken: out.filter((byte) => byte === newline).length, trouble: code ?? message };
    }
  }

  /** The file that has the path now: after a rotation a new one. One look for each batch, not for each line. */
  async #current(): Promise<FileHandle> {
    if (this.#handle !== null) {
      const [ours, named] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => null)]);
      if (named !== null && named.ino === ours.ino && named.dev === ours.dev) return this.#handle;
      await this.#forget();
    }
    this.#handle = await open(this.#path, appending, 0o644);
    return this.#handle;
  }

  /** What did get out ends within a line where the disk filled up; that line is written again as a whole. */
  async #forget(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    this.#torn ||= this.#begun > 0;
    this.#begun = 0;
    await handle?.close().catch(() => {});
  }
}
