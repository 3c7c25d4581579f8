/**
 * `by = exabgp PIPE`: lines for ExaBGP's API, to its named pipe or one of a process of its. Whoever reads them may have been
 * started anew, and is told everything again; and it is told again every few seconds what is announced, so that it can
 * tell that this program has died, or hangs.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Announced } from '../../model/announced.js';
import type { Announcement, Announcements, Announcer, AnnouncerOptions, AnnouncerStatus } from './announcer.js';
import { NamedPipe, wholeBytes } from './named-pipe.js';

/** MULTI_EXIT_DISC: of two ways to the same neighbour the lower one is taken. */
export const metrics: Readonly<Record<Announced, number>> = { well: 100, leaving: 500, ill: 1_000 };
/** GRACEFUL_SHUTDOWN, RFC 8326: whoever hears it takes this way last. */
export const gracefulShutdown = '65535:0';

/** Milliseconds from one look at the pipe to the next. */
const lookDelay = 500;
/** Milliseconds from one repetition of what is announced to the next. */
export const repeatDelay = 10_000;

export interface ExabgpOptions extends AnnouncerOptions {
  readonly lookDelay?: number;
  readonly repeatDelay?: number;
}

export class ExabgpAnnouncer implements Announcer {
  readonly #pipe: NamedPipe;
  readonly #options: Required<ExabgpOptions>;
  #wanted: Announcements = new Map();
  /** What whoever reads now was told last, by address. */
  readonly #said = new Map<string, string>();
  #fault: string | null = null;
  #repeated = 0;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> | null = null;
  #isDue = false;
  #isClosed = false;

  constructor(path: string, options: ExabgpOptions) {
    this.#pipe = new NamedPipe(path);
    this.#options = { lookDelay, repeatDelay, ...options };
  }

  get fault(): string | null {
    return this.#fault;
  }

  announce(wanted: Announcements): void {
    if (this.#isClosed) return;
    this.#wanted = wanted;
    this.#look();
  }

  statusOf(address: string): AnnouncerStatus {
    const wanted = this.#wanted.get(address);
    const isDone = this.#fault === null && (wanted === undefined || this.#said.get(address) === lineOf(wanted));
    return { isDone, why: this.#fault };
  }

  async whenSettled(milliseconds: number): Promise<void> {
    const late = new AbortController();
    const over = sleep(milliseconds, undefined, { signal: late.signal }).catch(() => {});
    while (this.#running !== null && !late.signal.aborted) {
      await Promise.race([this.#running, over.then(() => late.abort())]);
    }
    late.abort();
  }

  async leave(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.whenSettled(1_000);
    await this.#pipe.close();
  }

  #look(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#isDue) {
      this.#isDue = false;
      const [before, done] = [this.#fault, this.#isDone];
      this.#fault = await this.#sayAll().then(
        (fault) => fault,
        ({ message }: Error) => message,
      );
      if (this.#fault !== before || this.#isDone !== done) this.#options.onChange();
    }
    this.#running = null;
    const isNeeded = this.#wanted.size > 0 || this.#said.size > 0;
    if (this.#isClosed || !isNeeded) return;
    this.#timer = setTimeout(() => this.#look(), this.#options.lookDelay).unref();
  }

  get #isDone(): boolean {
    return [...this.#wanted.values()].every((one) => this.#said.get(one.address) === lineOf(one));
  }

  /** Gives what is wrong with the pipe, or null. Rejects where nobody reads it. */
  async #sayAll(): Promise<string | null> {
    const isNew = await this.#pipe.open().catch((error: unknown) => {
      this.#said.clear();
      throw error;
    });
    if (isNew === 'new') this.#said.clear();
    const now = performance.now();
    const isToRepeat = now - this.#repeated >= this.#options.repeatDelay;
    const lines: (readonly [address: string, line: string])[] = [];
    for (const one of this.#wanted.values()) {
      const line = lineOf(one);
      const repeats = isToRepeat && one.announced !== null;
      if (repeats || this.#said.get(one.address) !== line) lines.push([one.address, line]);
    }
    for (const address of this.#said.keys()) {
      if (!this.#wanted.has(address)) lines.push([address, withdrawal(address)]);
    }
    for (const some of inPortions(lines)) {
      const written = await this.#pipe.write(Buffer.from(some.map(([, line]) => `${line}\n`).join('')));
      if (written === 'lost') {
        this.#said.clear();
        return `${this.#pipe.path}: nobody reads it any more: does ExaBGP run?`;
      }
      if (written === 'full') return `${this.#pipe.path}: it is full: does ExaBGP hang? It is tried again`;
      for (const [address, line] of some) {
        if (this.#wanted.has(address)) this.#said.set(address, line);
        else this.#said.delete(address);
      }
    }
    if (isToRepeat) this.#repeated = now;
    return null;
  }
}

/** A line of the API: https://github.com/Exa-Networks/exabgp/wiki. */
export function lineOf({ address, announced }: Pick<Announcement, 'address' | 'announced'>): string {
  if (announced === null) return withdrawal(address);
  const community = announced === 'leaving' ? ` community [${gracefulShutdown}]` : '';
  return `announce route ${prefixOf(address)} next-hop self med ${metrics[announced]}${community}`;
}

function withdrawal(address: string): string {
  return `withdraw route ${prefixOf(address)} next-hop self`;
}

function prefixOf(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

/** Each of which the kernel takes whole. */
function* inPortions<T extends readonly [string, string]>(lines: readonly T[]): Generator<T[]> {
  let some: T[] = [];
  let size = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line[1]) + 1;
    if (size + bytes > wholeBytes) {
      yield some;
      [some, size] = [[], 0];
    }
    some.push(line);
    size += bytes;
  }
  if (some.length > 0) yield some;
}
