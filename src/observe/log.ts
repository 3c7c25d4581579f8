/** The log: events as lines in a file, in the system's log, in the journal, or on a stream that a person reads. */

import type { Writable } from 'node:stream';
import type { Listener } from '../events.js';
import { AppendFile } from './append-file.js';
import { type Entry, fileLine, journalLine, jsonLines, streamLine, textsOf, type Writer } from './lines.js';
import { type Level, type Message, messagesOf } from './messages.js';
import { Repeats } from './repeats.js';
import { subjectOf, wordingOf } from './subject.js';
import { facilityOf, type SendDatagram, syslogLine, syslogQueue } from './syslog.js';

export const logFormats = ['text', 'json'] as const;
export const logLevels = ['debug', 'info', 'warning', 'error'] as const;

/** What the configuration says about the log. */
export interface LogSettings {
  /** A path that begins with a slash, or the name of a syslog facility. */
  readonly logfile: string;
  readonly format: (typeof logFormats)[number];
  /** The least that is told. */
  readonly level: (typeof logLevels)[number];
}

export interface LogOptions extends Writer {
  /** Takes datagrams to the system's log. */
  readonly send: SendDatagram;
  /** Standard output where it leads to the journal, otherwise null. */
  readonly journal: Writable | null;
}

/** A place for entries, which it formats itself. */
interface Output {
  tell(entry: Entry): void;
  close(): Promise<void>;
}

/** Characters that wait on a stream for its reader: twenty thousand lines come at once when ten thousand servers fail. */
const streamBound = 4 * 1024 * 1024;

export class Log {
  readonly #options: LogOptions;
  readonly #repeats: Repeats<Entry>;
  #settings: LogSettings;
  /** Instead of the settings'. */
  #level: LogSettings['level'] | null = null;
  #main: Output;
  readonly #journal: Output | null;
  /** The closing of earlier outputs. */
  #closing: Promise<unknown> = Promise.resolve();

  constructor(options: LogOptions, settings: LogSettings) {
    this.#options = options;
    this.#settings = settings;
    this.#main = mainOutput(options, settings);
    this.#journal = options.journal && streamOutput(options.journal, journalText);
    this.#repeats = new Repeats({ tell: (entry, times) => this.#tell({ ...entry, times }) });
  }

  readonly listener: Listener = (event) => {
    const messages = messagesOf(event).filter((message) => passes(message, this.#level ?? this.#settings.level));
    if (messages.length === 0) return;
    const wording = wordingOf(event, messages);
    this.#repeats.take(subjectOf(event) ?? wording, wording, { event, messages, times: 1, at: new Date() });
  };

  /** Takes over what a new configuration says; where the place changes, the old one is finished first. */
  configure(settings: LogSettings): void {
    const { logfile, format } = this.#settings;
    this.#settings = settings;
    if (settings.logfile === logfile && settings.format === format) return;
    const before = this.#main;
    this.#main = mainOutput(this.#options, settings);
    this.#closing = Promise.all([this.#closing, before.close()]);
  }

  /** Tells from this level on, whatever the settings say; null is as they say. */
  set level(level: LogSettings['level'] | null) {
    this.#level = level;
  }

  /** Writes what waits, for a few seconds at most. */
  async close(): Promise<void> {
    this.#repeats.close();
    await Promise.all([this.#closing, this.#main.close(), this.#journal?.close()]);
  }

  #tell(entry: Entry): void {
    this.#main.tell(entry);
    this.#journal?.tell(entry);
  }
}

/** `[date] message` on a stream, every line as it comes; coloured where asked for. With `json`, that. */
export function streamLog(
  stream: Writable,
  options: {
    readonly colour: boolean;
    readonly json?: Writer | undefined;
    /** Asked for each event. */
    readonly level: () => LogSettings['level'];
  },
): Listener {
  const json = options.json && jsonLines(options.json);
  const output = streamOutput(
    stream,
    json ?? (({ messages, at }) => messages.map((message) => streamLine(message, at, options.colour)).join('')),
  );
  return (event) => {
    const messages = messagesOf(event).filter((message) => passes(message, options.level()));
    if (messages.length > 0) output.tell({ event, messages, times: 1, at: new Date() });
  };
}

function mainOutput(options: LogOptions, { logfile, format }: LogSettings): Output {
  if (!logfile.startsWith('/')) return syslogOutput(options, logfile);
  const file = new AppendFile({ path: logfile, render: (text) => fileLine({ text }, new Date(), options) });
  const json = format === 'json' ? jsonLines(options) : null;
  return {
    tell: (entry) => {
      if (json) file.write(json(entry));
      else for (const { text } of textsOf(entry)) file.write(fileLine({ text }, entry.at, options));
    },
    close: () => file.close(),
  };
}

function syslogOutput({ send, pid }: LogOptions, name: string): Output {
  const facility = facilityOf(name);
  const render = ({ level, text }: Message, at: Date): string => syslogLine(facility, level, text, at, pid);
  const queue = syslogQueue(send, (text) => render({ level: 'warning', text }, new Date()));
  return {
    tell: (entry) => {
      for (const message of textsOf(entry)) queue.write(render(message, entry.at));
    },
    close: () => queue.close(),
  };
}

function streamOutput(stream: Writable, render: (entry: Entry) => string): Output {
  // A reader that went away costs the log, not the daemon.
  stream.on('error', () => {});
  let lost = 0;
  return {
    tell: (entry) => {
      if (stream.writableLength > streamBound) {
        lost += 1;
        return;
      }
      const told = lost === 0 ? '' : `${lost} lines were lost: their reader was too slow\n`;
      lost = 0;
      stream.write(told + render(entry));
    },
    close: async () => {},
  };
}

function journalText(entry: Entry): string {
  return textsOf(entry).map(journalLine).join('');
}

const ranks: Readonly<Record<Level, number>> = { debug: 0, info: 1, good: 1, warning: 2, bad: 3 };

function passes({ level }: Message, least: LogSettings['level']): boolean {
  return ranks[level] >= ranks[least === 'error' ? 'bad' : least];
}
