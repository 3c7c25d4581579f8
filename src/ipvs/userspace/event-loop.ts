/**
 * What the balancer's thread waits for: sockets, deadlines, and work that was not finished in its turn. The thread
 * stands still while there is none of it; Node's own loop does not run there.
 */

import { Epoll } from '../../system/epoll.js';
import { Deadlines, type Timed } from './deadlines.js';

/** What hangs on the loop. Neither may throw; both may end any socket, their own included. */
export interface Watched {
  readonly descriptor: number;
  onEvents(events: number): void;
}

export interface Unfinished {
  goOn(): void;
}

/** What comes from other threads. */
export interface Post {
  /** The thread is about to wait, and may be woken: for how many milliseconds at most. */
  rest(): number;
  /** It has waited. */
  open(): void;
}

/** Sockets that are told of events in one turn: the bound of its work. */
const eventsBound = 256;
/** Milliseconds that the thread stands still at most: so soon it is seen to be alive. */
const longestWait = 500;
/** Milliseconds between looks at deadlines, where one is near. */
const shortestPause = 5;

export class EventLoop {
  readonly #epoll = new Epoll(eventsBound);
  /** By descriptor: small numbers, which the kernel gives anew when they are closed; marks tell them apart. */
  readonly #watched: (Watched | null)[] = [];
  readonly #marks: number[] = [];
  #mark = 0;
  #unfinished: Unfinished[] = [];
  readonly #deadlines = new Set<Deadlines<Timed>>();
  readonly #posts: Post[] = [];
  #nextLook = 0;
  #now = performance.now();

  /** Milliseconds of a steady clock, as this turn began. */
  get now(): number {
    return this.#now;
  }

  /** Throws the system's error. */
  watch(watched: Watched, events: number): void {
    const { descriptor } = watched;
    this.#mark = (this.#mark + 1) >>> 0;
    this.#epoll.add(descriptor, events, this.#mark);
    this.#watched[descriptor] = watched;
    this.#marks[descriptor] = this.#mark;
  }

  /** To be called before its descriptor is closed. */
  unwatch({ descriptor }: Watched): void {
    this.#watched[descriptor] = null;
  }

  /** Tells it of other events from now on; of none but failure where that is 0. */
  rewatch({ descriptor }: Watched, events: number): void {
    this.#epoll.change(descriptor, events, this.#marks[descriptor] ?? 0);
  }

  /** It is called again in the next turn, after others had theirs. */
  later(unfinished: Unfinished): void {
    this.#unfinished.push(unfinished);
  }

  /** Deadlines of so many milliseconds, looked at until they are dropped. */
  deadlines(span: number): Deadlines<Timed> {
    const deadlines = new Deadlines<Timed>(span, (due) => this.#expect(due));
    this.#deadlines.add(deadlines);
    return deadlines;
  }

  drop(deadlines: Deadlines<Timed>): void {
    this.#deadlines.delete(deadlines);
  }

  /** Looked at in each turn, until it is removed. */
  addPost(post: Post): void {
    this.#posts.push(post);
  }

  removePost(post: Post): void {
    const index = this.#posts.indexOf(post);
    if (index >= 0) this.#posts.splice(index, 1);
  }

  /** Waits for what comes next, and deals with it. */
  turn(): void {
    let wait = this.#unfinished.length > 0 ? 0 : Math.ceil(this.#nextLook - performance.now());
    for (const post of this.#posts) wait = Math.min(wait, post.rest());
    const count = this.#epoll.wait(Math.min(Math.max(wait, 0), longestWait));
    this.#now = performance.now();
    const unfinished = this.#unfinished;
    this.#unfinished = [];
    // Some may be removed by what they hear.
    for (const post of [...this.#posts]) post.open();
    for (let index = 0; index < count; index += 1) this.#tell(index);
    for (const one of unfinished) one.goOn();
    if (this.#now >= this.#nextLook) this.#look();
  }

  close(): void {
    this.#epoll.close();
  }

  #tell(index: number): void {
    const descriptor = this.#epoll.descriptorOf(index);
    // One that was closed in this turn may have become another's.
    if (this.#marks[descriptor] !== this.#epoll.markOf(index)) return;
    this.#watched[descriptor]?.onEvents(this.#epoll.eventsOf(index));
  }

  #expect(due: number): void {
    if (due < this.#nextLook) this.#nextLook = due;
  }

  #look(): void {
    let due = this.#now + longestWait;
    for (const deadlines of this.#deadlines) due = Math.min(due, deadlines.expire(this.#now));
    this.#nextLook = Math.max(due, this.#now + shortestPause);
  }
}
