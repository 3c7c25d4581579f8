/** Where the log goes: a stream that a person or a supervisor reads, or a file. */

import { appendFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Event } from '../events.js';
import { type Level, type Message, messagesOf } from './messages.js';

export interface Log {
  write(event: Event): void;
  /** Settles when everything written has gone out, or could not. */
  close(): Promise<void>;
}

const styles = { good: 'green', bad: 'red', warning: 'yellow' } as const satisfies Partial<Record<Level, string>>;

/** Lines kept at most while a file takes none; the oldest go first. */
const longestBacklog = 10_000;

/** `[date] message`, coloured where asked for. */
export function streamLog(stream: Writable, options: { readonly colour: boolean }): Log {
  const line = ({ level, text }: Message): string => {
    const date = `[${ctime(new Date())}]`;
    if (!options.colour) return `${date} ${text}\n`;
    const style = level === 'info' ? null : styles[level];
    const validateStream = false;
    return `${styleText('dim', date, { validateStream })} ${style ? styleText(style, text, { validateStream }) : text}\n`;
  };
  return {
    write(event) {
      stream.write(messagesOf(event).map(line).join(''));
    },
    async close() {},
  };
}

export interface FileLogOptions {
  readonly path: string;
  /** Name of the configuration. */
  readonly name: string;
  readonly pid: number;
  /** Called once when writing starts to fail, again only after it has worked in between. */
  readonly onFailure: (message: string) => void;
}

/** `[date|name|pid] message`; the file is opened anew for each write, so that rotating it needs no signal. */
export function fileLog({ path, name, pid, onFailure }: FileLogOptions): Log {
  let backlog: string[] = [];
  let writing: Promise<void> | null = null;
  let failing = false;

  const drain = async (): Promise<void> => {
    while (backlog.length > 0) {
      const lines = backlog;
      backlog = [];
      try {
        await appendFile(path, lines.join(''));
        failing = false;
      } catch (error) {
        if (!failing) onFailure(`cannot write the log file ${path}: ${(error as Error).message}`);
        failing = true;
        backlog = [...lines, ...backlog].slice(-longestBacklog);
        break;
      }
    }
    writing = null;
  };

  return {
    write(event) {
      const prefix = `[${ctime(new Date())}|${name}|${pid}]`;
      backlog.push(...messagesOf(event).map(({ text }) => `${prefix} ${text}\n`));
      if (backlog.length > longestBacklog) backlog = backlog.slice(-longestBacklog);
      writing ??= drain();
    },
    async close() {
      await writing;
    },
  };
}

/** `Sat Nov 21 08:49:09 2026`, in local time, as ctime(3) has it. */
export function ctime(date: Date): string {
  const [weekday, month, day, year] = date.toDateString().split(' ');
  const time = date.toTimeString().slice(0, 8);
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
