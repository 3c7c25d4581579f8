/** Frames between this process and the Perl process: four bytes of length, then fields with a NUL between them. */

/** Bytes of a frame; an output is bounded far below it, a message of the compiler as well. */
const frameBound = 1024 * 1024;

export function frame(fields: readonly string[]): Buffer {
  const payload = Buffer.from(fields.join('\0'), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

/** Puts frames together again from what arrives. */
export class FrameReader {
  #unread: Buffer = Buffer.alloc(0);

  /** The fields of each frame that is complete now. Throws a RangeError where none can come any more. */
  read(chunk: Buffer): string[][] {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    const frames: string[][] = [];
    while (this.#unread.length >= 4) {
      const length = this.#unread.readUInt32BE();
      if (length > frameBound) throw new RangeError(`a frame of ${length} bytes`);
      if (this.#unread.length < 4 + length) break;
      frames.push(
        this.#unread
          .subarray(4, 4 + length)
          .toString('utf8')
          .split('\0'),
      );
      this.#unread = this.#unread.subarray(4 + length);
    }
    return frames;
  }
}
