/** Keeps a copy by one connection: reads what is to be read, watches, and asks again and again whether it is still so. */

import { setMaxListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { inSlices } from '../../slices.js';
import type { Answers } from './answers.js';
import type { Copy } from './copy.js';
import { type Frame, openFrame, readFrame, renewFrame } from './frame.js';
import { Rest } from './rest.js';
import type { Change, Fault, Store } from './store.js';

export interface FollowingOptions {
  readonly store: Store;
  readonly copy: Copy;
  readonly answers: Answers;
  /** What this director is called. */
  readonly name: string;
  /** Milliseconds between two looks. */
  readonly pace: number;
  /** Of the copy, which has them already. */
  readonly onChanges: (changes: readonly Change[]) => void;
  /** The store has other data than what was copied: the changes that lead there are no changes of it. */
  readonly onReplaced: (fault: Fault) => void;
  /** The copy is as the store is. What is begun then lasts until the signal aborts, and is waited for. */
  readonly onOpened: (signal: AbortSignal) => Promise<void>;
}

/** Of the fault that says that a store has other data than before. */
export const replacedCode = 'another-past';
/** Looks at which the store was ahead and the watch silent, until another watch is begun. */
const looksBehind = 2;
/** Changes that are handed on in one go. */
const together = 256;

export class Following {
  readonly #options: FollowingOptions;
  readonly #rest = new Rest();
  /** How often something has come by the watch. */
  #heard = 0;

  constructor(options: FollowingOptions) {
    this.#options = options;
  }

  /** Somebody had no answer: whether the store still answers is asked now. */
  doubt(): void {
    this.#rest.wake();
  }

  /** Settles when it is over: why it is. */
  async follow(signal: AbortSignal): Promise<Fault> {
    const { store, copy, answers, name } = this.#options;
    const framed = await answers.timed(openFrame(store, name, signal));
    if (!framed.ok) return framed.fault;
    let frame = framed.value;
    const isOfAnotherPast = copy.isOfAnotherPast(frame) || (await this.#hasForgotten(signal));
    if (isOfAnotherPast) {
      this.#options.onReplaced(anotherPast(store));
      if (frame.identity === copy.identity) {
        const renewed = await answers.timed(renewFrame(store, frame, name, signal));
        if (!renewed.ok) return renewed.fault;
        frame = renewed.value;
      }
    }
    if (!copy.isWhole || isOfAnotherPast) {
      const fault = await this.#readWhole(frame, isOfAnotherPast, signal);
      if (fault !== null) return fault;
    }
    const end = linked(signal);
    try {
      return await this.#watchOn(frame, end.controller);
    } finally {
      end.release();
    }
  }

  /**
   * Whether the store has never had what was heard of last, though its revisions go further: a copy of it was brought back,
   * and written to since. Where that is compacted nobody can say.
   */
  async #hasForgotten(signal: AbortSignal): Promise<boolean> {
    const { store, copy, answers } = this.#options;
    const { newest } = copy;
    if (newest === null) return false;
    const got = await answers.timed(store.get(newest.key, signal, newest.revision));
    if (!got.ok) return false;
    const { entry } = got.value;
    return entry?.revision !== newest.revision || entry.value !== newest.value;
  }

  async #readWhole(frame: Frame, isOfAnotherPast: boolean, signal: AbortSignal): Promise<Fault | null> {
    const { store, copy, answers } = this.#options;
    const read = await answers.timed(store.read(signal));
    if (!read.ok) return read.fault;
    const changes = await inSlices(copy.difference(read.value, isOfAnotherPast));
    for (let at = 0; at < changes.length; at += together) {
      this.#take(changes.slice(at, at + together));
      await setImmediate();
    }
    copy.complete(read.value, frame);
    return null;
  }

  #take(changes: readonly Change[]): void {
    const news = this.#options.copy.apply(changes);
    if (news.length > 0) this.#options.onChanges(news);
  }

  async #watchOn(frame: Frame, end: AbortController): Promise<Fault> {
    let cause: Fault | null = null;
    const beside: Promise<unknown>[] = [];
    let watch = linked(end.signal);
    const onOpened = (): void => {
      if (beside.length > 0) return;
      const looking = this.#look(frame, end.signal, () => watch.controller.abort()).then((fault) => {
        cause = fault;
        end.abort();
      });
      beside.push(looking, this.#options.onOpened(end.signal));
    };
    for (;;) {
      const fault = await this.#watch(watch.controller.signal, onOpened);
      const isOver = end.signal.aborted || !watch.controller.signal.aborted;
      watch.release();
      if (isOver) {
        end.abort();
        await Promise.all(beside);
        return cause ?? fault;
      }
      watch = linked(end.signal);
    }
  }

  async #watch(signal: AbortSignal, onOpened: () => void): Promise<Fault> {
    const { store, copy, answers } = this.#options;
    for await (const news of store.watch(copy.revision + 1, signal)) {
      if (news.type === 'ended') return news.fault;
      answers.note();
      if (news.type === 'opened') {
        onOpened();
        continue;
      }
      this.#heard += 1;
      if (news.type === 'reached') copy.reach(news.revision);
      else this.#take(news.changes);
      if (copy.isTooLarge) return faultAt(store, 'refused', 'too-large', 'more stands under the prefix than is held');
    }
    return faultAt(store, 'away', 'aborted', 'given up');
  }

  /**
   * Asks again and again, over another connection than that of the watch, which says nothing while nothing is written.
   * Where the store goes on and the watch does not, another one is begun. Null where it was the signal that ended it.
   */
  async #look(frame: Frame, signal: AbortSignal, watchAnew: () => void): Promise<Fault | null> {
    const { store, copy, answers, pace } = this.#options;
    let behind = 0;
    for (;;) {
      const heard = this.#heard;
      await this.#rest.wait(pace, signal);
      if (signal.aborted) return null;
      const known = copy.revision;
      const looked = await answers.timed(readFrame(store, signal));
      if (signal.aborted) return null;
      if (!looked.ok) return looked.fault;
      const { value } = looked;
      if (value === null || value.identity !== frame.identity || value.revision < known) {
        return anotherPast(store);
      }
      behind = this.#heard === heard && value.revision > known ? behind + 1 : 0;
      if (behind < looksBehind) continue;
      behind = 0;
      watchAnew();
    }
  }
}

function anotherPast(store: Store): Fault {
  const message = 'its data is not that of before, as after it was set up anew; what is there is read whole';
  return faultAt(store, 'compacted', replacedCode, message);
}

function faultAt({ endpoint }: Store, kind: Fault['kind'], code: string, message: string): Fault {
  return { kind, code, message: `${endpoint}: ${message}`, endpoint };
}

/** A controller that another signal aborts, too. */
function linked(signal: AbortSignal): { readonly controller: AbortController; readonly release: () => void } {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  const abort = (): void => controller.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  return { controller, release: () => signal.removeEventListener('abort', abort) };
}
