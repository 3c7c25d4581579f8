/** Commands in order: those of one subject one after another, a few of different subjects at once. */

import type { Event } from '../events.js';
import { runCommand } from './command.js';

export interface CommandQueueOptions {
  readonly publish: (event: Event) => void;
  /** Commands at once. */
  readonly limit?: number;
  /** Commands that wait at most; what comes on top of that is told and left out. */
  readonly bound?: number;
}

interface Waiting {
  readonly subject: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Milliseconds. */
  readonly timeout: number;
  /** Told how it ended, or that it could not begin. */
  readonly onEnd?: (ok: boolean, outcome: string) => void;
}

export class CommandQueue {
  readonly #options: Required<CommandQueueOptions>;
  readonly #waiting = new Set<Waiting>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #cancel = new AbortController();

  constructor(options: CommandQueueOptions) {
    this.#options = { limit: 4, bound: 1000, ...options };
  }

  run(work: Waiting): void {
    if (this.#cancel.signal.aborted) return;
    if (this.#waiting.size >= this.#options.bound) {
      this.#tell(work, false, `not begun: ${this.#options.bound} commands are waiting`, []);
      return;
    }
    this.#waiting.add(work);
    this.#next();
  }

  /** Lets what runs or waits finish for so many milliseconds, then kills it. */
  async close(patience: number): Promise<void> {
    const timer = setTimeout(() => this.#cancel.abort(), patience);
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    clearTimeout(timer);
    this.#cancel.abort();
  }

  #next(): void {
    for (const work of this.#waiting) {
      if (this.#running.size >= this.#options.limit) return;
      if (this.#running.has(work.subject)) continue;
      this.#waiting.delete(work);
      this.#running.set(work.subject, this.#run(work));
    }
  }

  async #run(work: Waiting): Promise<void> {
    const { ok, how, output } = await runCommand(work, this.#cancel.signal);
    this.#running.delete(work.subject);
    this.#tell(work, ok, how, output);
    this.#next();
  }

  #tell({ command, args, onEnd }: Waiting, ok: boolean, outcome: string, output: readonly string[]): void {
    this.#options.publish({ type: 'command-ended', command: [command, ...args].join(' '), ok, outcome, output });
    onEnd?.(ok, outcome);
  }
}
