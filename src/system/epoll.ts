/** One epoll descriptor, and the events that it has for its owner: epoll(7). */

import { closeDescriptor, holdDescriptor } from './held-descriptors.js';
import { closeOnExec, epollControl, epollCreate, epollWait, systemError } from './libc.js';

/** Of epoll_ctl(2). */
export const readable = 0x001;
export const writable = 0x004;
export const failed = 0x008;
export const hungUp = 0x010;
/** The peer sends no more. */
export const peerClosed = 0x2000;
export const edgeTriggered = 0x8000_0000;
const controlAdd = 1;
const controlDelete = 2;
const controlChange = 3;

/** struct epoll_event is packed on x86, by the 32-bit words of its parts: events, and eight bytes of our own. */
const packed = process.arch === 'x64' || process.arch === 'ia32';
const eventWords = packed ? 3 : 4;
const ownWord = packed ? 1 : 2;

export class Epoll {
  readonly #descriptor: number;
  readonly #words: Uint32Array;
  readonly #bytes: Uint8Array;
  readonly #bound: number;
  readonly #word = new Uint32Array(eventWords);
  readonly #event = new Uint8Array(this.#word.buffer);

  /** With room for so many events at once. Throws the system's error. */
  constructor(bound: number) {
    this.#bound = bound;
    this.#words = new Uint32Array(eventWords * bound);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#descriptor = epollCreate(closeOnExec);
    if (this.#descriptor < 0) throw systemError('epoll_create1', 'events');
    holdDescriptor(this.#descriptor);
  }

  /** `mark` is a number of 32 bits that comes back with its events. Throws the system's error. */
  add(descriptor: number, events: number, mark: number): void {
    if (this.#control(controlAdd, descriptor, events, mark) < 0) throw systemError('epoll_ctl', String(descriptor));
  }

  change(descriptor: number, events: number, mark: number): void {
    this.#control(controlChange, descriptor, events, mark);
  }

  /** Of a descriptor that stays open; one that is closed goes by itself. */
  delete(descriptor: number): void {
    epollControl(this.#descriptor, controlDelete, descriptor, null);
  }

  /** How many have events; waits for the first one for so many milliseconds, during which the thread stands still. */
  wait(milliseconds: number): number {
    return epollWait(this.#descriptor, this.#bytes, this.#bound, milliseconds);
  }

  /** Of those that the last wait has found. */
  descriptorOf(index: number): number {
    return this.#words[index * eventWords + ownWord] ?? -1;
  }

  markOf(index: number): number {
    return this.#words[index * eventWords + ownWord + 1] ?? 0;
  }

  eventsOf(index: number): number {
    return this.#words[index * eventWords] ?? 0;
  }

  close(): void {
    closeDescriptor(this.#descriptor);
  }

  #control(operation: number, descriptor: number, events: number, mark: number): number {
    this.#word[0] = events >>> 0;
    this.#word[ownWord] = descriptor;
    this.#word[ownWord + 1] = mark;
    return epollControl(this.#descriptor, operation, descriptor, this.#event);
  }
}
