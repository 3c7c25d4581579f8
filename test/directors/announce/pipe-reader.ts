/** Who reads a named pipe in the place of ExaBGP, and makes routes of the lines. */

import { closeSync, constants, openSync, readSync } from 'node:fs';

export class PipeReader {
  readonly #file: number;
  readonly #timer: NodeJS.Timeout;
  readonly #lines: string[] = [];
  #rest = '';

  private constructor(file: number, reads: boolean) {
    this.#file = file;
    this.#timer = setInterval(() => reads && this.#read(), 5);
  }

  /** Also one that has it open and reads nothing. */
  static open(path: string, reads = true): PipeReader {
    return new PipeReader(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), reads);
  }

  get lines(): readonly string[] {
    this.#read();
    return this.#lines;
  }

  /** What stands behind the next hop of each. */
  get routes(): Record<string, string> {
    const routes: Record<string, string> = {};
    for (const line of this.lines) {
      const [, word, address = '', rest = ''] =
        /^(announce|withdraw) route (\S+)\/(?:32|128) next-hop self ?(.*)$/.exec(line) ?? [];
      if (word === undefined) throw new Error(`ExaBGP does not know: ${line}`);
      if (word === 'announce') routes[address] = rest;
      else delete routes[address];
    }
    return routes;
  }

  close(): void {
    clearInterval(this.#timer);
    try {
      closeSync(this.#file);
    } catch {
      // It was closed before.
    }
  }

  #read(): void {
    const bytes = Buffer.alloc(65_536);
    try {
      for (let read = readSync(this.#file, bytes); read > 0; read = readSync(this.#file, bytes)) {
        this.#rest += bytes.toString('utf8', 0, read);
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EBADF') throw error;
    }
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    this.#lines.push(...lines);
  }
}
