/**
 * Events of this thread's own sockets. They hang on one epoll descriptor; Node cannot wait for that, so that it is
 * looked at by a timer while something is awaited. Each look is a call that never blocks.
 */

import { performance } from 'node:perf_hooks';
import { Epoll, edgeTriggered, peerClosed, readable, writable } from '../../system/epoll.js';
import { guarded } from '../confinement.js';
import { atRelease } from '../release.js';
import { pauseAfter, shortestPause } from './look-pause.js';

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
  /** Those that have more to read than they were given time for. */
  #unfinished: Watched[] = [];
  #generation = 0;
  #epoll: Epoll | null = null;
  #awaited = 0;
  /** When the latest wait began, and when the next look is due, as performance.now(). */
  #latest = 0;
  #due = 0;
  #isFresh = false;
  #isTelling = false;
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
    this.#epoll ??= new Epoll(eventsBound);
    this.#generation = (this.#generation + 1) >>> 0;
    this.#epoll.add(watched.descriptor, allEvents, this.#generation);
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
    this.#epoll?.delete(descriptor);
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

  /**
   * Tells at once what has happened; once, where many ask for it one after another, and not while events are told: there is
   * one place for those that were fetched.
   */
  refresh(): void {
    if (this.#isFresh || this.#isTelling || this.#epoll === null) return;
    this.#isFresh = true;
    queueMicrotask(this.#age);
    this.#tellAll();
  }

  /** Closes the epoll descriptor, where nothing hangs on it; it is opened again when needed. */
  release(): void {
    if (this.#count > 0) return;
    this.#epoll?.close();
    this.#epoll = null;
  }

  #schedule(pause: number): void {
    clearTimeout(this.#timer);
    this.#due = performance.now() + pause;
    this.#timer = setTimeout(this.#look, pause);
  }

  readonly #age = (): void => {
    this.#isFresh = false;
  };

  readonly #look = guarded(() => {
    this.#timer = undefined;
    const unfinished = this.#unfinished;
    this.#unfinished = [];
    for (const watched of unfinished) {
      if (this.#watches[watched.descriptor]?.watched === watched) watched.onEvents(readable);
    }
    this.#tellAll();
    if (this.#awaited > 0 && this.#timer === undefined) this.#schedule(this.#pause());
  });

  #tellAll(): void {
    const epoll = this.#epoll;
    if (epoll === null) return;
    this.#isTelling = true;
    try {
      for (let fetches = 0; fetches < fetchesBound; fetches += 1) {
        const count = epoll.wait(0);
        for (let index = 0; index < count; index += 1) this.#tell(epoll, index);
        if (count < eventsBound) break;
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #tell(epoll: Epoll, index: number): void {
    const watch = this.#watches[epoll.descriptorOf(index)];
    // A child process between fork and exec holds what is closed here, which can then still be told of.
    if (watch?.generation !== epoll.markOf(index)) return;
    watch?.watched?.onEvents(epoll.eventsOf(index));
  }

  #pause(): number {
    return this.#unfinished.length > 0 ? shortestPause : pauseAfter(performance.now() - this.#latest);
  }
}

/** This thread's. */
export const reactor = new Reactor();

atRelease(() => reactor.release());
