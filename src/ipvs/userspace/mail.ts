/**
 * Records of numbers from one thread to another, through memory of both: one writes, one reads. A reader that rests, as
 * it waits for its sockets, can be woken; one that is busy looks by itself.
 */

import { wake } from '../../system/libc-serving.js';

/** Numbers of the head, far enough from each other for two processors to write them at once. */
const head = { written: 0, read: 16, rests: 32, size: 48 } as const;
/** Milliseconds until a writer tries again whose reader is behind. */
const pause = 5;

export interface MailSize {
  /** Numbers of 32 bits in each record. */
  readonly width: number;
  /** Records that wait to be read. */
  readonly room: number;
}

export function newMail({ width, room }: MailSize): SharedArrayBuffer {
  return new SharedArrayBuffer((head.size + width * room) * Int32Array.BYTES_PER_ELEMENT);
}

export class Outbox {
  readonly #numbers: Int32Array;
  readonly #size: MailSize;
  readonly #waker: number;
  #written = 0;
  /** What there was no room for, in its order. */
  #waiting: Int32Array[] = [];

  /** `waker` wakes the reader. */
  constructor(mail: SharedArrayBuffer, size: MailSize, waker: number) {
    this.#numbers = new Int32Array(mail);
    this.#size = size;
    this.#waker = waker;
  }

  /** Whether it went, without waking anybody; it does not where there is no room, or others wait. */
  offer(record: Int32Array): boolean {
    return this.#waiting.length === 0 && this.#write(record);
  }

  /** It goes as soon as there is room: of these there are only so many as the two sides have connections. */
  send(record: Int32Array): void {
    if (!this.offer(record)) this.#waiting.push(record.slice());
  }

  /** Sends what waits; for how many milliseconds the writer may rest. */
  flush(): number {
    if (this.#waiting.length === 0) return Number.POSITIVE_INFINITY;
    const left = this.#waiting.findIndex((record) => !this.#write(record));
    this.#waiting = left < 0 ? [] : this.#waiting.slice(left);
    return this.#waiting.length === 0 ? Number.POSITIVE_INFINITY : pause;
  }

  /** Wakes the reader where it rests. */
  wake(): void {
    if (Atomics.exchange(this.#numbers, head.rests, 0) === 1) wake(this.#waker);
  }

  /** Whether the reader knows all that was sent. */
  get isRead(): boolean {
    return this.#waiting.length === 0 && Atomics.load(this.#numbers, head.read) === this.#written;
  }

  #write(record: Int32Array): boolean {
    const { width, room } = this.#size;
    // Both numbers go round at 32 bits, and their difference with them.
    if (((this.#written - Atomics.load(this.#numbers, head.read)) | 0) >= room) return false;
    this.#numbers.set(record, head.size + ((this.#written >>> 0) % room) * width);
    this.#written = (this.#written + 1) | 0;
    Atomics.store(this.#numbers, head.written, this.#written);
    return true;
  }
}

export class Inbox {
  readonly #numbers: Int32Array;
  readonly #size: MailSize;
  readonly #record: Int32Array;
  #read = 0;

  constructor(mail: SharedArrayBuffer, size: MailSize) {
    this.#numbers = new Int32Array(mail);
    this.#size = size;
    this.#record = new Int32Array(size.width);
  }

  /** The reader is about to wait: whether there is nothing to read, so that it may. */
  rest(): boolean {
    Atomics.store(this.#numbers, head.rests, 1);
    return Atomics.load(this.#numbers, head.written) === this.#read;
  }

  /** The next record, which stands until the one after it is taken; null where there is none. */
  take(): Int32Array | null {
    if (Atomics.load(this.#numbers, head.written) === this.#read) return null;
    const { width, room } = this.#size;
    const from = head.size + ((this.#read >>> 0) % room) * width;
    for (let index = 0; index < width; index += 1) this.#record[index] = this.#numbers[from + index] ?? 0;
    this.#read = (this.#read + 1) | 0;
    Atomics.store(this.#numbers, head.read, this.#read);
    return this.#record;
  }

  /** The reader has stopped waiting. */
  awake(): void {
    Atomics.store(this.#numbers, head.rests, 0);
  }
}
