/** Lines for the system's log: BSD syslog (RFC 3164) as local daemons take it. */

import { LineQueue, type LineQueueOptions } from './line-queue.js';
import type { Level } from './messages.js';

/** As syslog(3) numbers them. */
export const severities: Readonly<Record<Level, number>> = { bad: 3, warning: 4, good: 6, info: 6, debug: 7 };

/** One line, at once or not at all: null when it was sent, otherwise the error's name. */
export type SendLine = (line: string) => string | null;

/** `<30>Nov 21 08:49:09 ldirectord[4711]: message`; a local daemon adds the host. */
export function syslogLine(facility: number, level: Level, text: string, date: Date, pid: number): string {
  const [, month, day] = date.toDateString().split(' ');
  const time = date.toTimeString().slice(0, 8);
  const priority = facility * 8 + severities[level];
  return `<${priority}>${month} ${String(Number(day)).padStart(2)} ${time} ldirectord[${pid}]: ${text}`;
}

/** Lines that wait while the system's log restarts or its queue is full. */
export function syslogQueue(send: SendLine, onCourse: LineQueueOptions['onCourse']): LineQueue {
  return new LineQueue({
    onCourse,
    deliver: async (lines) => {
      for (const [taken, line] of lines.entries()) {
        const trouble = send(line);
        // A datagram that is too long for the receiver will never be taken.
        if (trouble !== null && trouble !== 'EMSGSIZE') return { taken, trouble };
      }
      return { taken: lines.length, trouble: null };
    },
  });
}
