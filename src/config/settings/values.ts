/** Readers of the values of the settings file. */

import { createRequire } from 'node:module';
import type * as cron from 'node-cron';
import { isReason, longestReason } from '../../model/origin.js';
import type { AnnouncedBy } from './announce-rows.js';
import { type ListenAddress, parseListenAddress } from './listen-address.js';

export type Value<T> = { readonly value: T } | { readonly fault: string };

export function oneOf<T extends string>(...words: readonly T[]): (text: string) => Value<T> {
  return (text) => {
    const value = words.find((word) => word === text.toLowerCase());
    return value === undefined ? { fault: `must be ${words.join(', ')}` } : { value };
  };
}

export function numberFrom(least: number, most: number): (text: string) => Value<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? { value } : { fault: `must be a whole number from ${least} to ${most}` };
  };
}

/** Loads the package: at the first schedule, since most files have none. */
const loadCron = (): typeof cron => createRequire(import.meta.url)('node-cron');

function schedule(fields: string, pattern: RegExp): (text: string) => Value<string> {
  return (text) =>
    pattern.test(text.trim()) && loadCron().validate(text)
      ? { value: text.trim() }
      : { fault: `must be a cron expression of ${fields}, as in crontab(5)` };
}

export const fiveFields = schedule('five fields', /^\S+(?:\s+\S+){4}$/);
export const anyFields = schedule('five fields, or six with seconds first', /^\S+(?:\s+\S+){4,5}$/);

export function yesNo(text: string): Value<boolean> {
  const value = ['no', 'yes'].indexOf(text.toLowerCase());
  return value < 0 ? { fault: 'must be yes or no' } : { value: value === 1 };
}

export function path(text: string): Value<string> {
  return text.startsWith('/') ? { value: text } : { fault: 'must be a path that begins with /' };
}

export function yesNoOrPath(text: string): Value<boolean | string> {
  const outcome = text.startsWith('/') ? path(text) : yesNo(text);
  return 'fault' in outcome ? { fault: 'must be yes, no or a path that begins with /' } : outcome;
}

export function paths(text: string): Value<readonly string[]> {
  const value = listed(text);
  return value.length > 0 && value.every((name) => name.startsWith('/'))
    ? { value }
    : { fault: 'must be paths that begin with /, separated by commas' };
}

/** `[USER@]HOST[:PORT]`; an address of IPv6 with a port stands in brackets. */
export function jumpHost(
  text: string,
): Value<{ readonly user: string | null; readonly host: string; readonly port: number | null }> {
  const parts =
    /^(?:(?<user>[^\s@[\]]+)@)?(?:\[(?<inside>[0-9a-f:.]+(?:%[\w.-]+)?)\]|(?<name>[\w.-]+)|(?<bare>[0-9a-f:.]+:[0-9a-f:.]*))(?::(?<port>\d{1,5}))?$/i;
  const { user, inside, name, bare, port } = parts.exec(text)?.groups ?? {};
  const host = inside ?? name ?? bare;
  const number = port === undefined ? null : Number(port);
  if (host === undefined || number === 0 || (number ?? 1) > 65_535) {
    return { fault: 'must be [USER@]HOST[:PORT], with [IPV6]:PORT for an address of IPv6' };
  }
  return { value: { user: user ?? null, host, port: number } };
}

export function listenAddress(text: string): Value<ListenAddress> {
  const value = parseListenAddress(text.trim());
  return value === null
    ? { fault: 'must be ADDRESS:PORT, [IPV6]:PORT, a port alone, or the path of a Unix socket' }
    : { value };
}

/** Characters of a token, which nobody is to find by trying. */
export const shortestToken = 16;

/** What RFC 6750 allows behind `Bearer`. */
export function isToken(text: string): boolean {
  return text.length >= shortestToken && /^[A-Za-z0-9._~+/-]+=*$/.test(text);
}

export function token(text: string): Value<string> {
  return isToken(text)
    ? { value: text }
    : { fault: `must have at least ${shortestToken} letters, digits or any of ._~+/-` };
}

export function addresses(text: string): Value<readonly string[]> {
  const value = listed(text);
  return value.length > 0 ? { value } : { fault: 'must be mail addresses, separated by commas' };
}

function listed(text: string): string[] {
  const words = text.split(',').map((word) => word.trim());
  return words.filter((word) => word !== '');
}

/** Longer windows would have to be looked for too far back. */
const longestWindow = 24 * 60;
const minutesOf: Readonly<Record<string, number>> = { '': 1, m: 1, h: 60 };

export function duration(text: string): Value<number> {
  const match = /^(\d+)\s*([mh]?)$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * (minutesOf[match[2] ?? ''] ?? 1);
  return value >= 1 && value <= longestWindow ? { value } : { fault: 'must be minutes, as 90, 90m or 2h, up to 24h' };
}

export function moment(text: string): Value<number> {
  const fault = 'must be a time as 2026-11-22 02:00, in local time, or with an offset as 2026-11-22T02:00+01:00';
  if (!/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?$/.test(text)) return { fault };
  const value = Date.parse(text.replace(' ', 'T'));
  if (Number.isNaN(value)) return { fault };
  return exists(text, value)
    ? { value }
    : { fault: 'is no time that there is: look at the day, or at when clocks go forward' };
}

/** Whether a time was read as it is written, and not as another day or hour that is near: 30 February, 24:00. */
function exists(text: string, value: number): boolean {
  const offset = /(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
  const [, sign, hours, minutes] = offset ?? [];
  const east =
    offset === null
      ? -new Date(value).getTimezoneOffset()
      : Number(`${sign ?? ''}1`) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  const read = new Date(value + east * 60_000).toISOString();
  return read.startsWith(text.slice(0, 16).replace(' ', 'T'));
}

export function name(what: string): (text: string) => Value<string> {
  return (text) => (/^\S+$/.test(text) ? { value: text } : { fault: `must be ${what}` });
}

/** `address DEV`, `exabgp PIPE`, `command PROGRAM …`. */
export function announcedBy(text: string): Value<AnnouncedBy> {
  const [, how = '', what = ''] = /^(\S+)\s+(\S.*)$/.exec(text.trim()) ?? [];
  // As `vip` has it: what the kernel takes as the name of a device.
  if (how === 'address' && /^[^\s/:]{1,15}$/.test(what)) return { value: { how, device: what } };
  if (how === 'exabgp' && /^\/\S*$/.test(what)) return { value: { how, pipe: what } };
  if (how === 'command' && what !== '') return { value: { how, command: what } };
  return { fault: 'must be address DEV, exabgp PIPE with a path that begins with /, or command PROGRAM' };
}

/** In the words of sh(1). */
export function command(text: string): Value<string> {
  return text.trim() === '' ? { fault: 'must be a program, perhaps with arguments' } : { value: text.trim() };
}

export function reason(text: string): Value<string> {
  return isReason(text)
    ? { value: text.trim() }
    : { fault: `must be one line of at most ${longestReason} characters that can be printed` };
}
