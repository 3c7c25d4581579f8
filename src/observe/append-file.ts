/** A file to which lines are appended for years, while others rename, truncate or remove it. */

import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Delivery, LineQueue } from './line-queue.js';

export interface AppendFileOptions {
  readonly path: string;
  /** The line that tells of losses, in the format of the others. */
  readonly render: (text: string) => string;
  readonly bound?: number;
  readonly retryDelay?: number;
}

/** Without the last flag, opening a named pipe waits for its reader. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOCTTY | constants.O_NONBLOCK;
const newline = 0x0a;

export class AppendFile {
  readonly #path: string;
  readonly #queue: LineQueue;
  #handle: FileHandle | null = null;
  /** Whether the last write ended within a line. */
  #torn = false;

  constructor({ path, ...options }: AppendFileOptions) {
    this.#path = path;
    this.#queue = new LineQueue({ ...options, place: path, deliver: (lines) => this.#deliver(lines) });
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
    const text = lines.join('');
    const bytes = Buffer.from(this.#torn ? `\n${text}` : text);
    let written = 0;
    try {
      const handle = await this.#current();
      while (written < bytes.length) written += (await handle.write(bytes, written)).bytesWritten;
      this.#torn = false;
      return { taken: lines.length, trouble: null };
    } catch (error) {
      // What did get out ends within a line where the disk filled up; that line is written again as a whole.
      const out = bytes.subarray(this.#torn ? 1 : 0, written);
      if (written > 0) this.#torn = bytes[written - 1] !== newline;
      const { code, message } = error as NodeJS.ErrnoException;
      await this.#forget();
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
    this.#handle = await open(this.#path, flags, 0o644);
    return this.#handle;
  }

  async #forget(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    await handle?.close().catch(() => {});
  }
}
