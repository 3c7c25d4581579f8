/** Bodies compressed once for all who are sent them, in a thread. */

import { pipeline } from 'node:stream/promises';
import { constants, createGzip, type Gzip } from 'node:zlib';

/** Bytes below which it is not worth it. */
export const leastCompressed = 1024;
/** Level: a third of the time of the usual one, for a tenth more bytes. */
const settings = { level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 };

export class Compressed {
  /** For as long as anybody has the body. */
  readonly #made = new WeakMap<readonly Buffer[], Promise<readonly Buffer[] | null>>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * One at a time: name lookups and files have to do with the same few threads. Null where it cannot be done just now,
   * for want of memory. Never rejects.
   */
  of(body: readonly Buffer[]): Promise<readonly Buffer[] | null> {
    const standing = this.#made.get(body);
    if (standing !== undefined) return standing;
    const made = this.#last.then(() => gzip(body)).catch(() => this.#fail(body));
    this.#last = made;
    this.#made.set(body, made);
    return made;
  }

  #fail(body: readonly Buffer[]): null {
    this.#made.delete(body);
    return null;
  }
}

/** For a body that is compressed as it is made. */
export function newGzip(): Gzip {
  return createGzip(settings);
}

async function gzip(body: readonly Buffer[]): Promise<readonly Buffer[]> {
  const portions: Buffer[] = [];
  await pipeline(body, createGzip(settings), async (compressed: AsyncIterable<Buffer>) => {
    for await (const portion of compressed) portions.push(portion);
  });
  return portions;
}

/** Whether a header Accept-Encoding takes gzip: RFC 9110, 12.5.3. */
export function takesGzip(header: string): boolean {
  for (const coding of ['gzip', 'x-gzip', '*']) {
    for (const part of header.toLowerCase().split(',')) {
      const [name = '', weight = 'q=1'] = part.split(';').map((piece) => piece.trim());
      if (name === coding) return !/^q=0(?:\.0*)?$/.test(weight);
    }
  }
  return false;
}
