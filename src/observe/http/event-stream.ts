/** Events as they happen, to many readers: server-sent events, as the HTML standard has them. */

import type { ServerResponse } from 'node:http';
import type { Chronicle, Recorded } from '../../status/chronicle.js';
import { type Answer, problem, type Stream } from './answer.js';
import { eventAnswer } from './event-shape.js';

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

export class EventStream {
  readonly #chronicle: Chronicle;
  readonly #readers = new Set<ServerResponse>();
  readonly #leave: () => void;
  readonly #heart: NodeJS.Timeout;
  #gathered: Recorded[] = [];
  /** Whether all that happened is in them. */
  #isWhole = true;
  #timer: NodeJS.Timeout | null = null;

  constructor(chronicle: Chronicle) {
    this.#chronicle = chronicle;
    this.#leave = chronicle.follow((recorded) => this.#gather(recorded));
    this.#heart = setInterval(() => this.#tell(': alive\n\n'), heartbeat);
  }

  /** `lastId` is what the reader says it has seen: it gets what came after that, or is told that it missed something. */
  open(lastId: string | undefined): Stream | Answer {
    if (this.#readers.size >= most) {
      return problem(503, `${most} readers follow the events already`, { 'Retry-After': '10' });
    }
    return {
      headers: { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' },
      begin: (response) => {
        this.#flush();
        response.write(`retry: ${comeAgain}\n\n${this.#missed(lastId)}`);
        this.#readers.add(response);
        response.once('close', () => this.#readers.delete(response));
      },
    };
  }

  close(): void {
    this.#leave();
    clearInterval(this.#heart);
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const reader of this.#readers) reader.end();
  }

  #missed(lastId: string | undefined): string {
    if (lastId === undefined) return '';
    const [life, number] = lastId.split('-').map(Number);
    const { started } = this.#chronicle;
    const after = life === started && number !== undefined && Number.isInteger(number) ? number : 0;
    const events = this.#chronicle.recent(after);
    // Of another life of the daemon, or longer ago than events are kept.
    const isWhole = after > 0 && (events[0]?.number ?? after + 1) === after + 1;
    return `${isWhole ? '' : reset}${this.#textOf(events)}`;
  }

  #gather(recorded: Recorded): void {
    if (this.#readers.size === 0) return;
    this.#gathered.push(recorded);
    if (this.#gathered.length > together) {
      this.#gathered.shift();
      this.#isWhole = false;
    }
    this.#timer ??= setTimeout(() => this.#flush(), gathering);
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = `${this.#isWhole ? '' : reset}${this.#textOf(this.#gathered)}`;
    this.#gathered = [];
    this.#isWhole = true;
    if (text !== '') this.#tell(text);
  }

  #textOf(events: readonly Recorded[]): string {
    const { started } = this.#chronicle;
    return events
      .map((event) => `id: ${started}-${event.number}\ndata: ${JSON.stringify(eventAnswer(event))}\n\n`)
      .join('');
  }

  #tell(text: string): void {
    for (const reader of this.#readers) {
      if (reader.writableLength > backlog) reader.destroy();
      else reader.write(text);
    }
  }
}
