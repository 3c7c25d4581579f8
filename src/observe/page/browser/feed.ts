/** Keeps the page up to date: events as they come, then the status once more, never too often. */

import type { EventAnswer, EventsAnswer, StatusAnswer } from '../../http/shapes.js';

export type FeedState = 'connecting' | 'live' | 'polling' | 'lost';

export interface FeedReader {
  /** What of the status is asked for. */
  readonly question: () => string;
  readonly onStatus: (status: StatusAnswer) => void;
  /** The newest last. */
  readonly onEvents: (events: readonly EventAnswer[]) => void;
  readonly onConnection: (connection: FeedState) => void;
}

/** Milliseconds. */
const pace = {
  /** From an event to the look at what it changed: others come with it. */
  gather: 300,
  /** From one look to the next, at least, and without any event. */
  least: 1_000,
  usual: 5_000,
  /** After one that failed: doubled each time up to the longest. */
  again: 2_000,
  longest: 15_000,
  /** For an answer. */
  deadline: 10_000,
} as const;
/** A look may take this share of the time. */
const share = 0.25;
/** Events that are kept. */
const keptEvents = 200;

export class Feed {
  readonly #reader: FeedReader;
  #events: EventAnswer[] = [];
  #series = 0;
  #stream: EventSource | null = null;
  #isStreaming = false;
  #failures = 0;
  #timer: number | null = null;
  #due = Number.POSITIVE_INFINITY;
  #earliest = 0;
  #looking = false;

  constructor(reader: FeedReader) {
    this.#reader = reader;
  }

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.#lookIn(0);
    });
    this.#listen();
    this.#lookIn(0);
  }

  /** Looks soon: something was done that changes what there is to see. */
  soon(): void {
    this.#lookIn(pace.gather);
  }

  #listen(): void {
    const stream = new EventSource('/events');
    this.#stream = stream;
    stream.onopen = () => {
      this.#isStreaming = true;
      // What happened between the last look and the first event is not told.
      this.#lookIn(0);
    };
    stream.onmessage = ({ data }: MessageEvent<string>) => {
      this.#take([JSON.parse(data) as EventAnswer]);
      this.#lookIn(pace.gather);
    };
    stream.addEventListener('reset', () => this.#lookIn(0));
    stream.onerror = () => {
      this.#isStreaming = false;
      this.#tell();
      this.#lookIn(pace.gather);
      // A browser tries again by itself unless it was refused.
      if (stream.readyState === EventSource.CLOSED) this.#listenLater();
    };
  }

  #listenLater(): void {
    this.#stream?.close();
    window.setTimeout(() => this.#listen(), pace.longest);
  }

  /** The next look comes after so many milliseconds, or sooner if that was planned. */
  #lookIn(delay: number): void {
    const now = performance.now();
    const due = Math.max(now + delay, this.#earliest);
    if (due >= this.#due) return;
    this.#due = due;
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#look(), due - now);
  }

  async #look(): Promise<void> {
    this.#due = Number.POSITIVE_INFINITY;
    if (this.#looking) {
      this.#lookIn(pace.gather);
      return;
    }
    this.#looking = true;
    const began = performance.now();
    try {
      const [status, events] = await Promise.all([
        ask<StatusAnswer>(`/api/v1/status?${this.#reader.question()}`),
        ask<EventsAnswer>(`/api/v1/events?limit=${keptEvents}`),
      ]);
      this.#failures = 0;
      if (events.series !== this.#series) this.#events = [];
      this.#series = events.series;
      this.#take(events.events);
      this.#reader.onStatus(status);
    } catch {
      this.#failures += 1;
    }
    this.#looking = false;
    this.#tell();
    const took = performance.now() - began;
    this.#earliest = performance.now() + Math.max(pace.least, took / share);
    if (this.#failures > 0) this.#lookIn(Math.min(pace.longest, pace.again * 2 ** (this.#failures - 1)));
    else if (!document.hidden) this.#lookIn(pace.usual);
  }

  #take(events: readonly EventAnswer[]): void {
    const known = new Set(this.#events.map(({ number }) => number));
    const fresh = events.filter(({ number }) => !known.has(number));
    if (fresh.length === 0) return;
    this.#events = [...this.#events, ...fresh].sort((a, b) => a.number - b.number).slice(-keptEvents);
    this.#reader.onEvents(this.#events);
  }

  #tell(): void {
    if (this.#failures > 0) this.#reader.onConnection('lost');
    else this.#reader.onConnection(this.#isStreaming ? 'live' : 'polling');
  }
}

/** Rejects where there is no answer in time, or another one than 200. */
export async function ask<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(pace.deadline), cache: 'no-store' });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return (await response.json()) as T;
}
