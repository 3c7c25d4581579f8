/** Numbers and times in words. */

import type { Origin } from '../../http/shapes.js';

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const;

/** `3 min`, `2 h 5 min`, of milliseconds. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const at = units.findIndex(([, size]) => seconds >= size);
  const unit = units[at];
  if (unit === undefined) return `${seconds} s`;
  const [name, size] = unit;
  const first = `${Math.floor(seconds / size)} ${name}`;
  const next = units[at + 1];
  const rest = next === undefined ? 0 : Math.floor((seconds % size) / next[1]);
  return next === undefined || rest === 0 ? first : `${first} ${rest} ${next[0]}`;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const calendar = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

/** The time of day, with the date where it was another day. */
export function moment(at: number, now: number): string {
  const time = clock.format(at);
  return calendar.format(at) === calendar.format(now) ? time : `${calendar.format(at)}, ${time}`;
}

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

/** Exact up to 9,999, then `12.3K`. */
export function count(value: number): string {
  return value < 10_000 ? whole.format(value) : short.format(value);
}

/** `1.2 MB`. */
export function bytes(value: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const at = Math.min(names.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** at).toLocaleString(undefined, { maximumFractionDigits: at === 0 ? 0 : 1 })} ${names[at]}`;
}

/** `1 server`, `2 servers`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** ` by alice 2 h ago: replacing a disk`, as far as it is known. */
export function originText({ who, since, why, on }: Origin, now: number): string {
  const age = since === null ? null : span(now - since);
  const by = `${who === null ? '' : ` by ${who}`}${on === undefined ? '' : ` on ${on}`}`;
  const began = by === '' ? (age === null ? '' : ` for ${age}`) : `${by}${age === null ? '' : ` ${age} ago`}`;
  return `${began}${why === null ? '' : `: ${why}`}`;
}
