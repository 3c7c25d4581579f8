/** The events of late, from one run to the next. */

import { type Event, eventSentences } from '../events.js';
import type { Keepsake } from '../kept/keepsake.js';
import type { Work } from '../slices.js';
import type { Chronicle, Recorded } from '../status/chronicle.js';
import { eventJson } from './http/event-shape.js';

/** Characters of all that is written at once: of a thousand events that are larger the oldest are left out. */
const most = 4 * 1024 * 1024;

/** Of a file: the series of its numbers, and the last one before those in it. */
interface Head {
  readonly series: number;
  readonly last: number;
}

export class KeptEvents implements Keepsake {
  readonly name = 'events';
  readonly format = 1;
  readonly end = '"end"';
  readonly #chronicle: Chronicle;
  /** The number of the last that was written. */
  #told = 0;

  constructor(chronicle: Chronicle) {
    this.#chronicle = chronicle;
  }

  /** An event that this program has no words for is passed over: a newer one wrote it. */
  *recall(lines: readonly string[]): Work<number> {
    const isWhole = lines.at(-1) === this.end;
    let head: Head | null = null;
    let lost = 0;
    const recent: Recorded[] = [];
    for (const line of lines) {
      yield;
      if (line === this.end) continue;
      const value = parsed(line);
      if (isHead(value)) {
        head = value;
        continue;
      }
      const recorded = recordedIn(value, recent.at(-1)?.number ?? 0);
      if (recorded === null) lost += 1;
      else if (isTellable(recorded)) recent.push(recorded);
    }
    // After a kill somebody may have been told numbers that never came into the file.
    const series = isWhole && lost === 0 ? (head?.series ?? null) : null;
    this.#chronicle.resume({ series, last: head?.last ?? 0, recent });
    return lost;
  }

  *all(): Work<readonly string[]> {
    const { series, last } = this.#chronicle;
    const lines: string[] = [];
    let size = 0;
    let before = last;
    for (const recorded of this.#chronicle.recent().toReversed()) {
      const line = lineOf(recorded);
      size += line.length;
      if (size > most) break;
      // What has come while this was written is news.
      if (recorded.number <= last) lines.push(line);
      before = recorded.number - 1;
      yield;
    }
    this.#told = last;
    return [JSON.stringify({ series, last: before } satisfies Head), ...lines.toReversed()];
  }

  *news(): Work<readonly string[] | null> {
    const { last } = this.#chronicle;
    if (last === this.#told) return [];
    const lines: string[] = [];
    let size = 0;
    for (const recorded of this.#chronicle.recent(this.#told)) {
      const line = lineOf(recorded);
      size += line.length;
      if (size > most) return null;
      if (recorded.number <= last) lines.push(line);
      yield;
    }
    this.#told = last;
    return lines;
  }
}

function lineOf({ number, at, event }: Recorded): string {
  return JSON.stringify([number, at, event]);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null || !('series' in value) || !('last' in value)) return false;
  return Number.isSafeInteger(value.series) && isNumber(value.last);
}

/** Null where it is none, or does not come after the one before. */
function recordedIn(value: unknown, before: number): Recorded | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [number, at, event] = value as unknown[];
  if (!isNumber(number) || number <= before || !Number.isFinite(at)) return null;
  if (typeof event !== 'object' || event === null || !('type' in event)) return null;
  return { number, at: at as number, event: event as Event };
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether it is one of this program's: of another version it may be called the same, and have other contents. */
function isTellable(recorded: Recorded): boolean {
  if (!Object.hasOwn(eventSentences, recorded.event.type)) return false;
  try {
    return eventJson(recorded) !== '';
  } catch {
    return false;
  }
}
