/**
 * Searches with a bound on their time, in a thread of their own that this one waits for. A script's timeout of node:vm
 * would do the same in more time, but ends the whole process where it finds no descriptor or thread for its clock.
 */

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { Hindrance } from '../failure.js';
import { atRelease } from '../release.js';

export interface SearchRequest {
  readonly regex: RegExp;
  readonly text: string;
}

export interface SearcherData {
  /** What the thread does, and whether the last search has found something. */
  readonly control: Int32Array;
  readonly port: MessagePort;
}

export const states = { beginning: 2, busy: 1, idle: 0 } as const;

/** Milliseconds that a thread may take to begin; nothing else is done meanwhile. */
const patience = 2_000;
/** Milliseconds until a thread that did not begin in time is waited for again. */
const pause = 10_000;
/** It holds one text at a time. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

class Searcher {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #control = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  #waitedAt = Number.NEGATIVE_INFINITY;
  gone = false;

  /** Throws where the machine has no room for another thread. */
  constructor() {
    Atomics.store(this.#control, 0, states.beginning);
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: SearcherData = { control: this.#control, port: port2 };
    const options = { name: 'search', resourceLimits, stdout: true, stderr: true, transferList: [port2] };
    this.#worker = new Worker(new URL('./searcher.js', import.meta.url), { workerData, ...options });
    this.#worker.on('error', () => this.end());
    this.#worker.on('exit', () => this.end());
    // Neither holds up the end of the process.
    this.#worker.unref();
    this.#port.unref();
  }

  /** Null where it takes too long; then the thread is no longer usable. */
  search(request: SearchRequest, within: number): boolean | null {
    this.#requireReady();
    // In this order: a thread that is about to wait may see the state before anybody wakes it, and looks at once.
    this.#port.postMessage(request);
    Atomics.store(this.#control, 0, states.busy);
    Atomics.notify(this.#control, 0);
    Atomics.wait(this.#control, 0, states.busy, within);
    if (Atomics.load(this.#control, 0) === states.idle) return Atomics.load(this.#control, 1) === 1;
    this.end();
    return null;
  }

  /** V8 looks at its interrupts whenever an expression goes back, so that the end of the thread ends that too. */
  end(): void {
    if (this.gone) return;
    this.gone = true;
    this.#port.close();
    void this.#worker.terminate();
  }

  #requireReady(): void {
    if (Atomics.load(this.#control, 0) === states.idle) return;
    const now = performance.now();
    if (now - this.#waitedAt >= pause) {
      this.#waitedAt = now;
      Atomics.wait(this.#control, 0, states.beginning, patience);
    }
    if (Atomics.load(this.#control, 0) === states.idle) return;
    throw new Hindrance('receive', 'the thread that is to search does not begin');
  }
}

let current: Searcher | null = null;

/** Begins with a thread, so that a first search need not wait for it. What fails then is told by the search. */
export function prepareSearches(): void {
  try {
    usable();
  } catch {
    // It is tried again when it is needed.
  }
}

/** Whether the expression is found; null where that takes more than so many milliseconds. Throws a Hindrance. */
export function searchWithin(request: SearchRequest, milliseconds: number): boolean | null {
  const found = usable().search(request, milliseconds);
  // The next search finds another thread ready.
  if (found === null) prepareSearches();
  return found;
}

function usable(): Searcher {
  if (current !== null && !current.gone) return current;
  try {
    current = new Searcher();
    return current;
  } catch (error) {
    throw new Hindrance('receive', `no thread can be started to search: ${(error as Error).message}`);
  }
}

atRelease(() => {
  current?.end();
  current = null;
});
