/**
 * Events of this thread's own sockets. They hang on one epoll descriptor; Node cannot wait for that, so that it is
 * looked at by a timer while something is awaited. Each look is a call that never blocks.
 */

import { performance } from 'node:perf_hooks';
import { closeDescriptor, holdDescriptor } from '../../system/held-descriptors.js';
import { closeOnExec, epollControl, epollCreate, epollWait, systemError } from '../../system/libc.js';
import { atRelease } from '../release.js';
import { pauseAfter, shortestPause } from './look-pause.js';

/** Of epoll_ctl(2). */
export const readable = 0x001;
export const writable = 0x004;
export const failed = 0x008;
export const hungUp = 0x010;
/** The peer sends no more. */
export const peerClosed = 0x2000;
const edgeTriggered = 0x8000_0000;
const controlAdd = 1;
const controlDelete = 2;

/** struct epoll_event is packed on x86, by the 32-bit words of its parts: events, and eight bytes of our own. */
const packed = process.arch === 'x64' || process.arch === 'ia32';
const eventWords = packed ? 3 : 4;
const ownWord = packed ? 1 : 2;
const allEvents = (readable | writable | peerClosed | edgeTriggered) >>> 0;

/** Events that are fetched at once, and how often in one look: the bound of its work. */
const eventsBound = 256;
const fetchesBound = 4;

/** What hangs on the reactor. */
export interface Watched {
  readonly descriptor: number;
  /** Called at a look; must not throw. May end any socket, its own included. */
  onEvents(events: number): void;
}

interface Watch {
  /** Null while nobody waits for it. */
  watched: Watched | null;
  readonly generation: number;
}

export class Reactor {
  /**
   * By descriptor: small numbers, which the kernel gives anew when they are closed; generations tell them apart. An
   * array, since a Map makes a new table every few dozen changes.
   */
  readonly #watches: (Watch | null)[] = [];
  #count = 0;
  readonly #words = new Uint32Array(eventWords * eventsBound);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #word = new Uint32Array(eventWords);
  readonly #event = new Uint8Array(this.#word.buffer);
  /** Those that have more to read than they were given time for. */
  #unfinished: Watched[] = [];
  #generation = 0;
  #epoll = -1;
  #awaited = 0;
  /** When the latest wait began, and when the next look is due, as performance.now(). */
  #latest = 0;
  #due = 0;
  #isFresh = false;
  #timer: NodeJS.Timeout | undefined;

  /** Edges alone are told: what is reported once is not again until it changes. Throws a system error. */
  watch(watched: Watched): void {
    const parked = this.#watches[watched.descriptor] ?? null;
    if (parked === null) this.#add(watched);
    else parked.watched = watched;
  }

  /** Tells nobody of a descriptor that stays open, until it is watched again. */
  park(descriptor: number): void {
    const watch = this.#watches[descriptor] ?? null;
    if (watch !== null) watch.watched = null;
  }

  #add(watched: Watched): void {
    if (this.#epoll < 0) {
      const epoll = epollCreate(closeOnExec);
      if (epoll < 0) throw systemError('epoll_create1', 'sockets of checks');
      holdDescriptor(epoll);
      this.#epoll = epoll;
    }
    this.#generation = (this.#generation + 1) >>> 0;
    this.#word[0] = allEvents;
    this.#word[ownWord] = watched.descriptor;
    this.#word[ownWord + 1] = this.#generation;
    if (epollControl(this.#epoll, controlAdd, watched.descriptor, this.#event) < 0) {
      throw systemError('epoll_ctl', String(watched.descriptor));
    }
    this.#watches[watched.descriptor] = { watched, generation: this.#generation };
    this.#count += 1;
  }

  /** To be called before a descriptor is closed, which takes it off the epoll descriptor. */
  unwatch(descriptor: number): void {
    if ((this.#watches[descriptor] ?? null) === null) return;
    this.#watches[descriptor] = null;
    this.#count -= 1;
  }

  /** Takes a descriptor off that stays open. */
  detach(descriptor: number): void {
    epollControl(this.#epoll, controlDelete, descriptor, null);
  }

  /** Somebody begins to wait for an event. Holds up the end of the process, as a socket of Node does. */
  await(): void {
    this.#awaited += 1;
    this.hasten();
  }

  /** The wait has begun anew: something was sent. */
  hasten(): void {
    this.#latest = performance.now();
    if (this.#timer === undefined || this.#due > this.#latest + shortestPause) this.#schedule(shortestPause);
  }

  /** Somebody waits no more. */
  rest(): void {
    this.#awaited -= 1;
    if (this.#awaited > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Tells it once more at the next look that there is something to read. */
  goOn(watched: Watched): void {
    this.#unfinished.push(watched);
  }

  /** Tells at once what has happened; once, where many ask for it one after another. */
  refresh(): void {
    if (this.#isFresh || this.#epoll < 0) return;
    this.#isFresh = true;
    queueMicrotask(this.#age);
    this.#tellAll();
  }

  /** Closes the epoll descriptor, where nothing hangs on it; it is opened again when needed. */
  release(): void {
    if (this.#count > 0 || this.#epoll < 0) return;
    closeDescriptor(this.#epoll);
    this.#epoll = -1;
  }

  #schedule(pause: number): void {
    clearTimeout(this.#timer);
    this.#due = performance.now() + pause;
    this.#timer = setTimeout(this.#look, pause);
  }

  readonly #age = (): void => {
    this.#isFresh = false;
  };

  readonly #look = (): void => {
    this.#timer = undefined;
    const unfinished = this.#unfinished;
    this.#unfinished = [];
    for (const watched of unfinished) {
      if (this.#watches[watched.descriptor]?.watched === watched) watched.onEvents(readable);
    }
    this.#tellAll();
    if (this.#awaited > 0 && this.#timer === undefined) this.#schedule(this.#pause());
  };

  #tellAll(): void {
    for (let fetches = 0; fetches < fetchesBound; fetches += 1) {
      const count = epollWait(this.#epoll, this.#bytes, eventsBound, 0);
      for (let at = 0; at < count * eventWords; at += eventWords) this.#tell(at);
      if (count < eventsBound) break;
    }
  }

  #tell(at: number): void {
    const watch = this.#watches[this.#words[at + ownWord] ?? -1];
    // A child process between fork and exec holds what is closed here, which can then still be told of.
    if (watch?.generation !== this.#words[at + ownWord + 1]) return;
    watch?.watched?.onEvents(this.#words[at] ?? 0);
  }

  #pause(): number {
    return this.#unfinished.length > 0 ? shortestPause : pauseAfter(performance.now() - this.#latest);
  }
}

/** This thread's. */
export const reactor = new Reactor();

atRelease(() => reactor.release());
