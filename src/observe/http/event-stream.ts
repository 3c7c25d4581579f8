/** Events as they happen, to many readers: server-sent events, as the HTML standard has them. */

import type { ServerResponse } from 'node:http';
import type { Work } from '../../slices.js';
import type { Chronicle } from '../../status/chronicle.js';
import { Portions } from '../portions.js';
import { type HttpAnswer, problem, type Stream } from './answer.js';
import { eventJson } from './event-shape.js';
import { Places } from './places.js';
import type { Turns } from './turns.js';

/** Readers at once. */
const most = 64;
/** Milliseconds between signs of life, so that proxies keep the connection and readers notice its end. */
const heartbeat = 15_000;
/** Milliseconds in which events gather, so that ten thousand of them are few writes. */
const gathering = 50;
/** Events that are told at once: of more, the newest, and that some were missed. */
const together = 500;
const reset = 'event: reset\ndata: {}\n\n';
/** Bytes that wait for a reader; one that is further behind is sent away, and may come again with its last id. */
const backlog = 1024 * 1024;
/** Milliseconds until a browser comes again. */
const comeAgain = 2_000;

interface Reader {
  readonly response: ServerResponse;
  /** The number of the last event that it was told. */
  told: number;
}

export class EventStream {
  readonly #chronicle: Chronicle;
  readonly #turns: Turns;
  readonly #readers = new Places<Reader>(most);
  readonly #leave: () => void;
  readonly #heart: NodeJS.Timeout;
  #timer: NodeJS.Timeout | null = null;
  #isTelling = false;

  constructor(chronicle: Chronicle, turns: Turns) {
    this.#chronicle = chronicle;
    this.#turns = turns;
    this.#leave = chronicle.follow(() => this.#tellSoon());
    this.#heart = setInterval(() => {
      for (const { response } of this.#readers) response.write(': alive\n\n');
    }, heartbeat);
  }

  /** `lastId` is what the reader says it has seen: it gets what came after that, or is told that it missed something. */
  open(lastId: string | undefined, address: string): Stream | HttpAnswer {
    if (!this.#readers.isFor(address)) {
      return problem(503, `${most} readers follow the events already`, { 'Retry-After': '10' });
    }
    return {
      headers: { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' },
      begin: (response) => {
        const seen = this.#lastSeen(lastId);
        response.write(`retry: ${comeAgain}\n\n${seen === null ? reset : ''}`);
        const reader = { response, told: seen ?? 0 };
        this.#readers.take(reader, address)?.response.destroy();
        response.once('close', () => this.#readers.leave(reader));
        this.#tellSoon();
      },
    };
  }

  close(): void {
    this.#leave();
    clearInterval(this.#heart);
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const { response } of this.#readers) response.end();
  }

  /** The number of the last event that a reader has seen; null where it has seen those of another series. */
  #lastSeen(lastId: string | undefined): number | null {
    const { series, last } = this.#chronicle;
    if (lastId === undefined) return last;
    const [its, number] = lastId.split('-').map(Number);
    const isOurs = its === series && number !== undefined && Number.isInteger(number) && number > 0 && number <= last;
    return isOurs ? number : null;
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#readers.size === 0) return;
    this.#timer ??= setTimeout(() => void this.#tell(), gathering);
  }

  async #tell(): Promise<void> {
    this.#timer = null;
    this.#isTelling = true;
    await this.#turns.run(this.#tellAll());
    this.#isTelling = false;
    const { last } = this.#chronicle;
    for (const { told } of this.#readers) if (told < last) this.#tellSoon();
  }

  /** Those who have been told the same are told the same next. */
  *#tellAll(): Work<void> {
    const { last } = this.#chronicle;
    const news = new Map<number, readonly Buffer[]>();
    for (const reader of this.#readers) {
      if (reader.told >= last) continue;
      const portions = news.get(reader.told) ?? (yield* this.#since(reader.told, last));
      news.set(reader.told, portions);
      reader.told = last;
      const { response } = reader;
      if (response.writableLength > backlog) response.destroy();
      else for (const portion of portions) response.write(portion);
      yield;
    }
  }

  *#since(told: number, last: number): Work<readonly Buffer[]> {
    const { series } = this.#chronicle;
    const events = this.#chronicle
      .recent(told)
      .filter(({ number }) => number <= last)
      .slice(-together);
    const to = new Portions();
    // More than are told at once, or longer ago than events are kept.
    if (events[0]?.number !== told + 1) to.add(reset);
    for (const event of events) {
      to.add(`id: ${series}-${event.number}\ndata: ${eventJson(event)}\n\n`);
      yield;
    }
    return to.end();
  }
}
