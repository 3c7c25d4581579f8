/** `by = command PROGRAM`: a program of the administrator is told of each change, as `fallbackcommand` is. */

import type { Publish } from '../../events.js';
import type { Announced } from '../../model/announced.js';
import { CommandQueue } from '../../notify/command-queue.js';
import { pauseAfter } from '../../reconcile/held-back.js';
import type { Announcement, Announcements, Announcer, AnnouncerOptions, AnnouncerStatus } from './announcer.js';

/** The first of the two words behind the command; the second is the address. */
export const words: Readonly<Record<Announced | 'none', string>> = {
  well: 'announce',
  ill: 'degrade',
  leaving: 'handover',
  none: 'withdraw',
};

/** Milliseconds before a command that failed is run again; doubled each time, up to a minute. */
const retryDelay = 5_000;
/** Milliseconds for commands under way. */
const closingPatience = 2_000;

export interface CommandOptions extends AnnouncerOptions {
  readonly command: string;
  readonly publish: Publish;
  /** Milliseconds. */
  readonly timeout: () => number;
  readonly retryDelay?: number;
}

/** What the program was told of an address. */
interface Told {
  readonly word: string;
  /** Null while it runs. */
  readonly ok: boolean | null;
  readonly outcome: string;
  /** Failures in a row. */
  readonly failures: number;
  readonly retry: NodeJS.Timeout | null;
}

export class CommandAnnouncer implements Announcer {
  readonly fault = null;
  readonly #options: Required<CommandOptions>;
  readonly #queue: CommandQueue;
  #wanted: Announcements = new Map();
  readonly #told = new Map<string, Told>();
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: CommandOptions) {
    this.#options = { retryDelay, ...options };
    this.#queue = new CommandQueue({ publish: options.publish });
  }

  announce(wanted: Announcements): void {
    if (this.#isClosed) return;
    this.#wanted = wanted;
    for (const address of new Set([...wanted.keys(), ...this.#told.keys()])) this.#tell(address);
  }

  statusOf(address: string): AnnouncerStatus {
    const told = this.#told.get(address);
    const isDone = told?.ok === true && told.word === this.#wordFor(address);
    return { isDone, why: told?.ok === false ? `its command failed: ${told.outcome}` : null };
  }

  whenSettled(milliseconds: number): Promise<void> {
    if (!this.#isRunning) return Promise.resolve();
    return new Promise((resolve) => {
      const late = setTimeout(resolve, milliseconds);
      this.#waiting.push(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  async leave(): Promise<void> {
    this.#isClosed = true;
    for (const { retry } of this.#told.values()) if (retry !== null) clearTimeout(retry);
    await this.#queue.close(closingPatience);
  }

  get #isRunning(): boolean {
    return [...this.#told.values()].some(({ ok }) => ok === null);
  }

  #wordFor(address: string): string {
    return wordOf(this.#wanted.get(address));
  }

  /** One command at a time for an address: what is wanted when it ends is told next. */
  #tell(address: string): void {
    const before = this.#told.get(address);
    const word = this.#wordFor(address);
    if (this.#isClosed || before?.ok === null || (before?.word === word && before.ok)) return;
    if (before?.word === word && before.retry !== null) return;
    if (before?.retry) clearTimeout(before.retry);
    const failures = before?.word === word ? before.failures : 0;
    this.#told.set(address, { word, ok: null, outcome: '', failures, retry: null });
    const { command, timeout } = this.#options;
    this.#queue.run({
      subject: address,
      command,
      args: [word, address],
      timeout: timeout(),
      onEnd: (ok, outcome) => this.#end(address, { word, ok, outcome, failures: ok ? 0 : failures + 1, retry: null }),
    });
  }

  #end(address: string, told: Told): void {
    const { ok, word, failures } = told;
    this.#told.set(address, told);
    if (ok && !this.#wanted.has(address) && word === words.none) this.#told.delete(address);
    else if (word !== this.#wordFor(address)) this.#tell(address);
    else if (!ok && !this.#isClosed) {
      const retry = setTimeout(
        () => {
          this.#told.set(address, { ...told, retry: null });
          this.#tell(address);
        },
        pauseAfter(failures, this.#options.retryDelay),
      ).unref();
      this.#told.set(address, { ...told, retry });
    }
    if (!this.#isRunning) for (const settle of this.#waiting.splice(0)) settle();
    this.#options.onChange();
  }
}

function wordOf(wanted: Announcement | undefined): string {
  return words[wanted?.announced ?? 'none'];
}
