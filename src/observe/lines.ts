/** How an event looks in each kind of log. */

import { createRequire } from 'node:module';
import { hostname } from 'node:os';
import { styleText } from 'node:util';
import type * as pinoPackage from 'pino';
import type { Event } from '../events.js';
import type { Level, Message } from './messages.js';
import { severities } from './syslog.js';

/** An event with what is to be said of it, and how often it came where it is told for several. */
export interface Entry {
  readonly event: Event;
  readonly messages: readonly Message[];
  readonly times: number;
  /** When it happened; where it is told for several, the last of them. */
  readonly at: Date;
}

/** Who writes: the name of the configuration, and the process. */
export interface Writer {
  readonly name: string;
  readonly pid: number;
}

const styles = { good: 'green', bad: 'red', warning: 'yellow', debug: 'dim' } as const satisfies Partial<
  Record<Level, string>
>;

/** How bad the worst of the messages is, as pino calls it. */
const pinoLevels = { bad: 'error', warning: 'warn', good: 'info', info: 'info', debug: 'debug' } as const;
const fromWorst = ['bad', 'warning', 'good', 'info', 'debug'] as const satisfies readonly Level[];
/** What each line of JSON has. */
const taken: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'name', 'event', 'repeated', 'msg']);

/** The texts of an entry, one for each line. */
export function textsOf({ messages, times }: Entry): Message[] {
  if (times === 1) return [...messages];
  return messages.map(({ level, text }) => ({ level, text: `${text} (repeated ${times} times)` }));
}

/** `[date] message`, coloured where asked for. */
export function streamLine({ level, text }: Message, at: Date, colour: boolean): string {
  const date = `[${ctime(at)}]`;
  if (!colour) return `${date} ${text}\n`;
  const style = level === 'info' ? null : styles[level];
  const validateStream = false;
  return `${styleText('dim', date, { validateStream })} ${style ? styleText(style, text, { validateStream }) : text}\n`;
}

/** `[Sat Nov 21 08:49:09 2026|NAME|PID] message`. */
export function fileLine({ text }: Pick<Message, 'text'>, at: Date, { name, pid }: Writer): string {
  return `[${ctime(at)}|${name}|${pid}] ${text}\n`;
}

/** `[Sat Nov 21 08:49:09 2026] [PID] message`. */
export function monitorLine(text: string, at: Date, pid: number): string {
  return `[${ctime(at)}] [${pid}] ${text}\n`;
}

/** With the priority that the journal takes off again: see sd-daemon(3). */
export function journalLine({ level, text }: Message): string {
  return `<${severities[level]}>${text}\n`;
}

/** One line of JSON for an entry, with the event's fields. */
export function jsonLines({ name, pid }: Writer): (entry: Entry) => string {
  // Loaded where somebody asks for JSON.
  const { pino }: typeof pinoPackage = createRequire(import.meta.url)('pino');
  let line = '';
  let time = '';
  const logger = pino(
    {
      // What passes the log's own level passes here.
      level: 'debug',
      base: { pid, hostname: hostname(), name },
      timestamp: () => `,"time":"${time}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write(text: string) {
        line = text;
      },
    },
  );
  return ({ event, messages, times, at }) => {
    const { type, ...fields } = event;
    const worst = fromWorst.find((level) => messages.some((message) => message.level === level)) ?? 'info';
    const text = messages.map((message) => message.text.trim()).join('; ');
    time = at.toISOString();
    logger[pinoLevels[worst]]({ event: type, ...own(fields), ...(times > 1 && { repeated: times }) }, text);
    return line;
  };
}

/** An event's field that is called as one of the line's gets a name of its own: readers take the last of two. */
function own(fields: object): object {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [taken.has(key) ? `event_${key}` : key, value]),
  );
}

/** `Sat Nov 21 08:49:09 2026`, in local time, as ctime(3) has it. */
export function ctime(date: Date): string {
  const [weekday, month, day, year] = date.toDateString().split(' ');
  const time = date.toTimeString().slice(0, 8);
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
