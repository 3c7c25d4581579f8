/**
 * Who keeps what the next run is to know of this one. The only one that writes these files, one at a time, every few
 * seconds: what comes in between waits where it is, within the bounds that it has there, so that nothing queues here and
 * a burst costs no more than the last of it. What cannot be written costs the next run its memory, and this one nothing.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { inSlices } from '../slices.js';
import { removeLeftovers } from '../system/replace-file.js';
import type { Keepsake } from './keepsake.js';
import { KeptFile } from './kept-file.js';

export interface KeeperOptions {
  readonly directory: string;
  /** The path of a file. */
  readonly pathOf: (name: string) => string;
  /** Told why something is not known, or cannot be kept: once, until it can be again. */
  readonly onLoss: (reason: string) => void;
  /** Milliseconds from one look to the next. */
  readonly pace?: number;
  /** Milliseconds until it is tried again to write what could not be. */
  readonly retryAfter?: number;
}

/** Milliseconds for all that was kept to be read: a file system that is away holds up no start. */
const recallPatience = 5_000;
/** Milliseconds for the last lines. */
const closingPatience = 2_000;

interface Kept {
  readonly keepsake: Keepsake;
  readonly file: KeptFile;
}

export class Keeper {
  readonly #options: Required<KeeperOptions>;
  #kept: readonly Kept[] = [];
  /** What could not be read, and why. */
  readonly #unread: (readonly [KeptFile, fault: string])[] = [];
  #timer: NodeJS.Timeout | null = null;
  #turn: Promise<void> | null = null;
  #isFailing = false;
  /** Of performance.now(). */
  #notBefore = 0;
  #hasBegun = false;
  #isOver = false;

  constructor(options: KeeperOptions) {
    this.#options = { pace: 2_000, retryAfter: 60_000, ...options };
  }

  /** Gives each what the run before has kept of it. Never rejects, and takes some seconds at most. */
  async recall(keepsakes: readonly Keepsake[]): Promise<void> {
    const { pathOf } = this.#options;
    const deadline = AbortSignal.timeout(recallPatience);
    this.#kept = keepsakes.map((keepsake) => {
      return { keepsake, file: new KeptFile(pathOf(keepsake.name), keepsake.name, keepsake.format) };
    });
    await Promise.all(this.#kept.map((kept) => this.#recallOne(kept, deadline)));
  }

  async #recallOne({ keepsake, file }: Kept, deadline: AbortSignal): Promise<void> {
    const late = new Promise<null>((resolve) => {
      deadline.addEventListener('abort', () => resolve(null), { once: true });
    });
    const found = (await Promise.race([file.read(), late])) ?? { lines: [], fault: 'it was not read in time' };
    const lost = await inSlices(keepsake.recall(found.lines, Date.now()));
    const fault = lost > 0 ? `${lost} of its ${found.lines.length} lines are not understood` : found.fault;
    if (fault !== null) this.#unread.push([file, fault]);
  }

  /** From now on it writes, and tells what could not be read. */
  begin(): void {
    this.#hasBegun = true;
    // Where they cannot be, the writing says what is the matter.
    void removeLeftovers(this.#options.directory).catch(() => {});
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), this.#options.pace).unref();
  }

  /** Writes what is new, and that this run has ended in good order, for a few seconds at most. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    if (!this.#hasBegun || this.#isOver) return;
    const ending = (async () => {
      await this.#turn;
      for (const kept of this.#kept) if (!this.#isOver) await this.#write(kept, true);
    })();
    await Promise.race([ending.catch(this.#fail), sleep(closingPatience, undefined, { ref: false })]);
    this.#isOver = true;
  }

  #look(): Promise<void> {
    if (performance.now() < this.#notBefore || this.#isOver) return Promise.resolve();
    this.#turn ??= this.#takeTurn().finally(() => {
      this.#turn = null;
    });
    return this.#turn;
  }

  async #takeTurn(): Promise<void> {
    await this.#tellUnread();
    try {
      for (const kept of this.#kept) await this.#write(kept, false);
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A file that is not understood is not written over: somebody may want to know why. */
  async #tellUnread(): Promise<void> {
    if (this.#unread.length === 0) return;
    const faults = this.#unread.splice(0).map(async ([file, fault]) => {
      const then = await file.putAside().then(
        (aside) => `it is ${aside} now`,
        ({ message }: Error) => message,
      );
      return `${file.path}: ${fault}; ${then}`;
    });
    for (const reason of await Promise.all(faults)) this.#options.onLoss(reason);
  }

  async #write({ keepsake, file }: Kept, isLast: boolean): Promise<void> {
    const end = isLast && keepsake.end !== null ? [keepsake.end] : [];
    const news = file.isDue ? null : await inSlices(keepsake.news());
    if (news !== null && news.length + end.length === 0) return;
    const isThere = news !== null && (await file.append(news.concat(end)).then(taken, refused));
    if (!isThere) await file.rewrite((await inSlices(keepsake.all())).concat(end));
  }

  readonly #fail = (error: unknown): void => {
    this.#notBefore = performance.now() + this.#options.retryAfter;
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { directory, retryAfter, onLoss } = this.#options;
    onLoss(
      `a restart will not know it: ${directory}: ${(error as Error).message}; tried again in ${retryAfter / 1_000} s`,
    );
  };
}

const taken = (): boolean => true;
/** Somebody may have taken the file away, or written to it: one that is written anew has everything. */
const refused = (): boolean => false;
