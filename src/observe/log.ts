/** The log: events as lines in a file, in the system's log, in the journal, or on a stream that a person reads. */

import type { Writable } from 'node:stream';
import type { Event, Listener, Publish } from '../events.js';
import { FlappingChanges } from './flapping-changes.js';
import { type Entry, journalLine, streamLine, textsOf, type Writer } from './lines.js';
import { type Level, type Message, messagesOf } from './messages.js';
import { fileOutput, jsonLinesOf, type Output, streamOutput, syslogOutput } from './outputs.js';
import { Repeats } from './repeats.js';
import { subjectOf, wordingOf } from './subject.js';
import type { SendLine } from './syslog.js';

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
  /** Takes lines to the system's log. */
  readonly send: SendLine;
  /** Standard output where it leads to the journal, otherwise null. */
  readonly journal: Writable | null;
  /** Gets what is to be said of the log itself: that it cannot be written, and what was lost. */
  readonly publish: Publish;
}

export class Log {
  readonly #options: LogOptions;
  readonly #repeats: Repeats<Entry>;
  readonly #flapping = new FlappingChanges<Entry>();
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
    this.#journal = options.journal && streamOutput(options.journal, 'the journal', journalText, options.publish);
    this.#repeats = new Repeats({ tell: (entry, times) => this.#tell({ ...entry, times }) });
  }

  readonly listener: Listener = (event) => {
    const entry = entryOf(event, this.#level ?? this.#settings.level);
    const { isWithheld, before } = this.#flapping.take(event, subjectOf(event), entry);
    for (const last of before) this.#tell(last);
    if (entry === null || isWithheld) return;
    const wording = wordingOf(event, entry.messages);
    this.#repeats.take(subjectOf(event) ?? wording, wording, entry);
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
    for (const last of this.#flapping.end()) this.#tell(last);
    await Promise.all([this.#closing, this.#main.close(), this.#journal?.close()]);
  }

  #tell(entry: Entry): void {
    this.#main.tell(entry);
    this.#journal?.tell(entry);
  }
}

export interface StreamLogOptions extends Writer {
  /** What people call the stream. */
  readonly place: string;
  readonly colour: boolean;
  /** Asked for each event. */
  readonly settings: () => Pick<LogSettings, 'level' | 'format'>;
  readonly publish: Publish;
}

/** `[date] message` on a stream, every line as it comes; coloured where asked for. With `json`, that. */
export function streamLog(stream: Writable, { colour, settings, ...options }: StreamLogOptions) {
  let json: ((entry: Entry) => string) | null = null;
  const render = (entry: Entry): string => {
    if (settings().format === 'json') json ??= jsonLinesOf(options);
    else json = null;
    if (json !== null) return json(entry);
    return entry.messages.map((message) => streamLine(message, entry.at, colour)).join('');
  };
  const output = streamOutput(stream, options.place, render, options.publish);
  const listener: Listener = (event) => {
    const entry = entryOf(event, settings().level);
    if (entry !== null) output.tell(entry);
  };
  return { listener, close: () => output.close() };
}

function mainOutput(options: LogOptions, { logfile, format }: LogSettings): Output {
  const { send, publish } = options;
  return logfile.startsWith('/')
    ? fileOutput(logfile, format, options, publish)
    : syslogOutput(send, logfile, options, publish);
}

function journalText(entry: Entry): string {
  return textsOf(entry).map(journalLine).join('');
}

/** What is to be told of an event; null where that is nothing. */
function entryOf(event: Event, level: LogSettings['level']): Entry | null {
  const messages = messagesOf(event).filter((message) => passes(message, level));
  return messages.length === 0 ? null : { event, messages, times: 1, at: new Date() };
}

const ranks: Readonly<Record<Level, number>> = { debug: 0, info: 1, good: 1, warning: 2, bad: 3 };

function passes({ level }: Message, least: LogSettings['level']): boolean {
  return ranks[level] >= ranks[least === 'error' ? 'bad' : least];
}
