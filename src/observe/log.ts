/** The log on a stream that a person or a supervisor reads. */

import type { Writable } from 'node:stream';
import { styleText } from 'node:util';
import type { Listener } from '../events.js';
import { type Level, type Message, messagesOf } from './messages.js';

const styles = { good: 'green', bad: 'red', warning: 'yellow' } as const satisfies Partial<Record<Level, string>>;

/** `[date] message`, coloured where asked for. */
export function streamLog(stream: Writable, options: { readonly colour: boolean }): Listener {
  const line = ({ level, text }: Message): string => {
    const date = `[${ctime(new Date())}]`;
    if (!options.colour) return `${date} ${text}\n`;
    const style = level === 'info' ? null : styles[level];
    const validateStream = false;
    return `${styleText('dim', date, { validateStream })} ${style ? styleText(style, text, { validateStream }) : text}\n`;
  };
  // A reader that went away costs the log, not the daemon.
  stream.on('error', () => {});
  return (event) => void stream.write(messagesOf(event).map(line).join(''));
}

/** `Sat Nov 21 08:49:09 2026`, in local time, as ctime(3) has it. */
export function ctime(date: Date): string {
  const [weekday, month, day, year] = date.toDateString().split(' ');
  const time = date.toTimeString().slice(0, 8);
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
