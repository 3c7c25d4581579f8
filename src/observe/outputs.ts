/** The places where a log goes. Each formats entries itself, bounds what waits, and publishes how writing goes. */

import { closeSync, openSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { facilityNumber, usualFacility } from '../config/file/syslog-facilities.js';
import type { Publish } from '../events.js';
import { AppendFile, appending } from './append-file.js';
import { type Entry, fileLine, jsonLines, textsOf, type Writer } from './lines.js';
import type { Message } from './messages.js';
import { type SendLine, syslogLine, syslogQueue } from './syslog.js';
import { publisherOf } from './writing.js';

export interface Output {
  tell(entry: Entry): void;
  /** Writes what waits, for a few seconds at most. */
  close(): Promise<void>;
}

/** Characters that wait for the reader of a stream: twenty thousand lines come at once when ten thousand servers fail. */
const streamBound = 4 * 1024 * 1024;
/** Characters that are written at once. */
const mostAtOnce = 64 * 1024;

export function fileOutput(path: string, format: 'text' | 'json', writer: Writer, publish: Publish): Output {
  const file = new AppendFile({ path, onCourse: publisherOf(path, publish) });
  const json = format === 'json' ? jsonLinesOf(writer) : null;
  return {
    tell: (entry) => {
      if (json) file.write(json(entry));
      else for (const { text } of textsOf(entry)) file.write(fileLine({ text }, entry.at, writer));
    },
    close: () => file.close(),
  };
}

/** Null where the library cannot be loaded, as while the program's files are being replaced: then the log is text. */
export function jsonLinesOf(writer: Writer): ((entry: Entry) => string) | null {
  try {
    return jsonLines(writer);
  } catch {
    return null;
  }
}

export function syslogOutput(send: SendLine, facility: string, { pid }: Writer, publish: Publish): Output {
  const number = facilityNumber(facility) ?? facilityNumber(usualFacility) ?? 0;
  const queue = syslogQueue(send, publisherOf('syslog', publish));
  return {
    tell: (entry) => {
      for (const { level, text } of textsOf(entry) as Message[]) {
        queue.write(syslogLine(number, level, text, entry.at, pid));
      }
    },
    close: () => queue.close(),
  };
}

/** A stream of this process; `place` is what people call it. */
export function streamOutput(
  stream: Writable & { readonly fd?: number; readonly isTTY?: boolean },
  place: string,
  render: (entry: Entry) => string,
  publish: Publish,
): Output {
  const terminal = stream.isTTY === true && stream.fd !== undefined ? pathOf(stream.fd) : null;
  if (terminal === null) return pipeOutput(stream, place, render, publish);
  const file = new AppendFile({ path: terminal, bound: streamBound, onCourse: publisherOf(place, publish) });
  return { tell: (entry) => file.write(render(entry)), close: () => file.close() };
}

/**
 * The terminal as a file that can be opened once more. Node writes to terminals synchronously: one that is paused, by
 * Ctrl-S or by a reader that has stopped, would hold up the whole process. Null where it is not this user's to open.
 */
function pathOf(descriptor: number): string | null {
  const path = `/proc/self/fd/${descriptor}`;
  try {
    closeSync(openSync(path, appending));
    return path;
  } catch {
    return null;
  }
}

function pipeOutput(stream: Writable, place: string, render: (entry: Entry) => string, publish: Publish): Output {
  const tell = publisherOf(place, publish);
  let failing = false;
  let reason = '';
  let lost = 0;
  const fail = (why: string): void => {
    reason = why;
    if (failing) return;
    failing = true;
    tell({ failing, reason, lost: 0 });
  };
  const recover = (): void => {
    const course = { failing: false, reason, lost };
    failing = false;
    lost = 0;
    tell(course);
  };
  // A reader that went away costs the log, not the daemon.
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => fail(code ?? message));
  /** Lines of one turn, which are written at once: Node writes each to a pipe or a file by a call of its own. */
  let waiting = '';
  let lines = 0;
  const write = (): void => {
    const [text, count] = [waiting, lines];
    waiting = '';
    lines = 0;
    if (text !== '') stream.write(text, (error) => onWritten(error, count));
  };
  const onWritten = (error: Error | null | undefined, count: number): void => {
    if (error) lost += count;
    else if (failing && stream.writableLength < streamBound / 2) recover();
  };
  return {
    tell: (entry) => {
      if (stream.writableLength + waiting.length > streamBound) {
        lost += 1;
        fail('its reader is too slow');
        return;
      }
      if (waiting === '') queueMicrotask(write);
      waiting += render(entry);
      lines += 1;
      if (waiting.length > mostAtOnce) write();
    },
    close: () => {
      write();
      return flush(stream);
    },
  };
}

function flush(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.errored !== null || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
