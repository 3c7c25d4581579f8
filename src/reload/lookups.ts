/**
 * Asking for many addresses at once. libuv gives two of its four threads to getaddrinfo(3): two names whose name server
 * is away keep all others waiting for as long as the system is patient. What waits for longer than a moment is given to
 * a process of its own, which has more threads and is ended when nobody waits for it.
 */

import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Lookup, systemLookup } from '../config/resolve.js';
import type { Family } from '../model/config.js';
import { withoutDebugger } from '../process/debugger-signal.js';
import type { Question, Reply } from './lookup-process.js';

export interface LookupsOptions {
  /** Asks in this process. */
  readonly here?: Lookup;
  /** The program that is asked where that takes long. */
  readonly program?: string;
  /** Milliseconds until then. */
  readonly patience?: number;
}

/** Lookups that libuv runs in this process at once. */
const placesHere = 2;
/** Of the other process: half of them ask. */
const threads = 128;
/** Milliseconds for an answer of the other process; the system's own patience with three dead servers is longer. */
const deadline = 20_000;

interface Waiting {
  readonly question: Question;
  readonly settle: (address: Promise<string> | string) => void;
}

/** Asks as getaddrinfo(3) does. */
export function manyLookups(options: LookupsOptions = {}): Lookup {
  const lookups = new Lookups(options);
  return (name, family) => lookups.ask(name, family);
}

class Lookups {
  readonly #options: Required<LookupsOptions>;
  /** Not asked yet, in order. */
  readonly #queue: Waiting[] = [];
  #running = 0;
  #number = 0;
  #impatience: NodeJS.Timeout | null = null;
  #others: OtherProcess | null = null;
  /** Whether the other process was of no use, until nobody waits any more. */
  #alone = false;

  constructor(options: LookupsOptions) {
    const program = fileURLToPath(new URL('./lookup-process.js', import.meta.url));
    this.#options = { here: systemLookup, program, patience: 100, ...options };
  }

  ask(name: string, family: Family): Promise<string> {
    this.#number += 1;
    const question = { id: this.#number, name, family };
    return new Promise((settle) => {
      this.#queue.push({ question, settle });
      this.#next();
    });
  }

  #next(): void {
    while (this.#running < placesHere) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) break;
      void this.#askHere(waiting);
    }
    if (this.#queue.length === 0) this.#alone = false;
    else if (this.#others !== null) this.#handOver(this.#others);
    else if (!this.#alone) this.#impatience ??= setTimeout(() => this.#open(), this.#options.patience).unref();
  }

  async #askHere({ question, settle }: Waiting): Promise<void> {
    this.#running += 1;
    const answer = this.#options.here(question.name, question.family);
    settle(answer);
    await answer.catch(() => {});
    this.#running -= 1;
    this.#next();
  }

  #open(): void {
    this.#impatience = null;
    if (this.#queue.length === 0) return;
    try {
      const others = new OtherProcess(this.#options.program, (unanswered) => {
        this.#others = null;
        this.#alone = unanswered.length > 0;
        this.#queue.unshift(...unanswered);
        this.#next();
      });
      this.#others = others;
      this.#handOver(others);
    } catch {
      // Of what keeps a process from being started Node throws some at once, and tells some later.
      this.#alone = true;
    }
  }

  #handOver(others: OtherProcess): void {
    for (const waiting of this.#queue.splice(0)) others.ask(waiting);
  }
}

/** Lives while somebody waits for it. */
class OtherProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting & { readonly late: NodeJS.Timeout }>();
  readonly #onEnd: (unanswered: readonly Waiting[]) => void;
  #ended = false;

  /** What it cannot answer, since it cannot be started or somebody ended it, is given back. */
  constructor(program: string, onEnd: (unanswered: readonly Waiting[]) => void) {
    this.#onEnd = onEnd;
    const { fork } = process.getBuiltinModule('node:child_process');
    this.#child = fork(program, {
      execArgv: [...withoutDebugger()],
      env: { ...process.env, UV_THREADPOOL_SIZE: String(threads) },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('message', (reply: Reply) => this.#hear(reply));
    this.#child.on('error', () => this.#end());
    this.#child.on('exit', () => this.#end());
    // Who waits has a deadline; a process that nobody waits for any more holds up no end.
    this.#child.unref();
    this.#child.channel?.unref();
  }

  ask(waiting: Waiting): void {
    const { id } = waiting.question;
    const late = setTimeout(
      () => this.#hear({ id, reason: `no answer within ${deadline / 1000} s` }),
      deadline,
    ).unref();
    this.#waiting.set(id, { ...waiting, late });
    // One that could not be started has told so, or will.
    if (this.#child.connected) this.#child.send(waiting.question, () => {});
  }

  #hear(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    clearTimeout(waiting.late);
    this.#waiting.delete(reply.id);
    waiting.settle('address' in reply ? reply.address : Promise.reject(new Error(reply.reason)));
    // Who got an answer may have more to ask.
    if (this.#waiting.size === 0) setImmediate(() => this.#waiting.size === 0 && this.#end());
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#child.kill('SIGKILL');
    const unanswered = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { late } of unanswered) clearTimeout(late);
    this.#onEnd(unanswered);
  }
}
