/** Times of the calendar, by cron expressions in local time. */

import { createRequire } from 'node:module';
import type * as cron from 'node-cron';

/** Whether a time of the calendar lies after `after` and not after `upTo`, both in milliseconds since 1970. */
export type Calendar = (after: number, upTo: number) => boolean;

/** Loads the package: at the first expression, since most directors have none. */
const loadCron = (): typeof cron => createRequire(import.meta.url)('node-cron');

/**
 * Of five fields, or of six with seconds first, as crontab(5) has them: where day of month and day of week are both
 * restricted, either of them is enough. Times that a clock skips when it is put forward are at the moment after; those
 * that it shows twice when it is put back are twice. Throws where the expression is none.
 */
export function calendarOf(expression: string): Calendar {
  const { second, minute, hour } = loadCron().parse(expression);
  const [seconds, minutes, hours] = [new Set(second), new Set(minute), new Set(hour)];
  const days = daysOf(expression);
  const step = second.every((value) => value === 0) ? 60 : 1;
  return (after, upTo) => {
    const last = localSeconds(upTo);
    for (let at = (Math.floor(localSeconds(after) / step) + 1) * step; at <= last; at += step) {
      if (!seconds.has(at % 60) || !minutes.has(Math.floor(at / 60) % 60) || !hours.has(Math.floor(at / 3600) % 24)) {
        continue;
      }
      if (days(new Date(at * 1000))) return true;
    }
    return false;
  };
}

/** What the clock on the wall shows, counted as UTC is: it goes on where the clock jumps forward. */
function localSeconds(time: number): number {
  return Math.floor(time / 1000) - new Date(time).getTimezoneOffset() * 60;
}

/** Whether an expression fits the time that a date shows in UTC. */
function daysOf(expression: string): (date: Date) => boolean {
  const fields = expression.trim().split(/\s+/);
  const [dayOfMonth, dayOfWeek] = [fields.length - 3, fields.length - 1];
  const either = isRestricted(fields[dayOfMonth]) && isRestricted(fields[dayOfWeek]);
  const expressions = either ? [fields.with(dayOfMonth, '*'), fields.with(dayOfWeek, '*')] : [fields];
  const tasks = expressions.map((some) => loadCron().createTask(some.join(' '), () => {}, { timezone: 'UTC' }));
  // Only their reading of the expression is of use; they are never to run.
  for (const task of tasks) void task.destroy();
  return (date) => tasks.some((task) => task.match(date));
}

/** As cron(8) decides it: by the first character. */
function isRestricted(field = '*'): boolean {
  return !field.startsWith('*') && field !== '?';
}
