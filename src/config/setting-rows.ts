/** Every key of the settings file: one row each. The manual prints this table. */

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type * as cron from 'node-cron';
import { type BackendName, backendNames } from '../ipvs/capabilities.js';
import { eitherCodes, settingCodes } from './diagnostic-codes.js';
import { type ListenAddress, parseListenAddress } from './listen-address.js';
import type { Span } from './model.js';

export interface Settings {
  /** Where the table is; the command line goes before it. */
  readonly backend: BackendName;
  readonly logFormat: 'text' | 'json';
  readonly logLevel: 'debug' | 'info' | 'warning' | 'error';
  /** Threads at most. */
  readonly workers: number;
  /** Checks at once. */
  readonly checkLimit: number;
  /** Hundredths of an interval. */
  readonly checkJitter: number;
  /** Seconds. */
  readonly auditInterval: number;
  /** Cron expressions; null is never. */
  readonly auditSchedule: string | null;
  readonly summarySchedule: string | null;
  /** Empty is `emailalert` of the configuration's global section. */
  readonly summaryTo: readonly string[];
  /** Seconds. */
  readonly mailDelay: number;
  /** Mails in an hour. */
  readonly mailLimit: number;
  readonly smtpPort: number;
  readonly sendmail: string;
  /** Seconds. */
  readonly commandTimeout: number;
  /** Where metrics and the status page are served; null is nowhere. */
  readonly http: ListenAddress | null;
  /** Lets whoever has it act over HTTP. Never part of any output. */
  readonly httpToken: string | null;
  /** The file with it. */
  readonly httpTokenFile: string | null;
  /** Whether there is a control socket. */
  readonly control: boolean;
  /** Whose members may use it, beside the user; null is nobody. */
  readonly controlGroup: string | null;
  readonly maintenance: readonly MaintenanceWindow[];
}

/** When which real servers are held out of the table. */
export interface MaintenanceWindow {
  readonly name: string;
  /** As a file in `maintenancedir` is called; null is every real server of the virtual. */
  readonly server: string | null;
  /** `ADDRESS:PORT` or a firewall mark; null is every virtual. */
  readonly virtual: string | null;
  /** A cron expression of five fields; begins the window, which then lasts `duration` minutes. */
  readonly schedule: string | null;
  /** Minutes. */
  readonly duration: number | null;
  /** Milliseconds since 1970. */
  readonly drainAt: number | null;
  readonly returnAt: number | null;
  /** Where its values stand, by key. */
  readonly places: Readonly<Record<string, Span>>;
}

export const defaultSettings: Settings = {
  backend: 'auto',
  logFormat: 'text',
  logLevel: 'info',
  workers: availableParallelism(),
  checkLimit: 8192,
  checkJitter: 0,
  auditInterval: 2,
  auditSchedule: null,
  summarySchedule: null,
  summaryTo: [],
  mailDelay: 1,
  mailLimit: 60,
  smtpPort: 25,
  sendmail: '/usr/sbin/sendmail',
  commandTimeout: 60,
  http: null,
  httpToken: null,
  httpTokenFile: null,
  control: true,
  controlGroup: null,
  maintenance: [],
};

type Scope = 'top' | 'maintenance';
type Target<S extends Scope> = S extends 'top' ? Settings : MaintenanceWindow;

export interface SettingRow {
  readonly key: string;
  readonly scope: Scope;
  /** The default, in words. */
  readonly fallback: string;
  readonly summary: string;
  /** The settings with the value in them, or what is wrong with it. */
  readonly read: (settings: Settings | MaintenanceWindow, text: string) => Settings | MaintenanceWindow | string;
}

type Value<T> = { readonly value: T } | { readonly fault: string };

function row<S extends Scope, K extends keyof Target<S>>(
  scope: S,
  key: string,
  property: K,
  fallback: string,
  summary: string,
  read: (text: string) => Value<Target<S>[K]>,
): SettingRow {
  return {
    key,
    scope,
    fallback,
    summary,
    read(settings, text) {
      const outcome = read(text);
      return 'fault' in outcome ? outcome.fault : { ...settings, [property]: outcome.value };
    },
  };
}

function oneOf<T extends string>(...words: readonly T[]): (text: string) => Value<T> {
  return (text) => {
    const value = words.find((word) => word === text.toLowerCase());
    return value === undefined ? { fault: `must be ${words.join(', ')}` } : { value };
  };
}

function numberFrom(least: number, most: number): (text: string) => Value<number> {
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

const fiveFields = schedule('five fields', /^\S+(?:\s+\S+){4}$/);
const anyFields = schedule('five fields, or six with seconds first', /^\S+(?:\s+\S+){4,5}$/);

function yesNo(text: string): Value<boolean> {
  const value = ['no', 'yes'].indexOf(text.toLowerCase());
  return value < 0 ? { fault: 'must be yes or no' } : { value: value === 1 };
}

function path(text: string): Value<string> {
  return text.startsWith('/') ? { value: text } : { fault: 'must be a path that begins with /' };
}

function listenAddress(text: string): Value<ListenAddress> {
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

function token(text: string): Value<string> {
  return isToken(text)
    ? { value: text }
    : { fault: `must have at least ${shortestToken} letters, digits or any of ._~+/-` };
}

function addresses(text: string): Value<readonly string[]> {
  const value = text
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  return value.length > 0 ? { value } : { fault: 'must be mail addresses, separated by commas' };
}

/** Longer windows would have to be looked for too far back. */
const longestWindow = 24 * 60;
const minutesOf: Readonly<Record<string, number>> = { '': 1, m: 1, h: 60 };

function duration(text: string): Value<number> {
  const match = /^(\d+)\s*([mh]?)$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * (minutesOf[match[2] ?? ''] ?? 1);
  return value >= 1 && value <= longestWindow ? { value } : { fault: 'must be minutes, as 90, 90m or 2h, up to 24h' };
}

function moment(text: string): Value<number> {
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

function name(what: string): (text: string) => Value<string> {
  return (text) => (/^\S+$/.test(text) ? { value: text } : { fault: `must be ${what}` });
}

export const settingRows: readonly SettingRow[] = [
  row(
    'top',
    'backend',
    'backend',
    'auto',
    'where the table is, unless `--backend` says: `auto` or `kernel`, `userspace`, `memory`; another one counts at the next start',
    oneOf(...backendNames),
  ),
  row(
    'top',
    'logformat',
    'logFormat',
    'text',
    'how the log file, or standard output, is written: `text` or `json`',
    oneOf('text', 'json'),
  ),
  row(
    'top',
    'loglevel',
    'logLevel',
    'info',
    'the least that is logged: `debug`, `info`, `warning` or `error`',
    oneOf('debug', 'info', 'warning', 'error'),
  ),
  row(
    'top',
    'workers',
    'workers',
    'one for each processor',
    'threads that run the checks, at most; as many begin as the checks keep half busy',
    numberFrom(1, 256),
  ),
  row(
    'top',
    'checklimit',
    'checkLimit',
    '8192',
    'checks under way at once, and at most half of the files that the process may have open; the rest waits its turn',
    numberFrom(1, 1_000_000),
  ),
  row(
    'top',
    'checkjitter',
    'checkJitter',
    '0',
    'percent of its interval by which a check comes late at random',
    numberFrom(0, 50),
  ),
  row(
    'top',
    'auditinterval',
    'auditInterval',
    '2',
    'seconds from one look at the table to the next',
    numberFrom(1, 3600),
  ),
  row(
    'top',
    'auditschedule',
    'auditSchedule',
    'never',
    'when the whole table is compared with the wanted one and the result is logged, as a cron expression',
    anyFields,
  ),
  row(
    'top',
    'summaryschedule',
    'summarySchedule',
    'never',
    'when a summary is sent by mail, as a cron expression',
    anyFields,
  ),
  row('top', 'summaryto', 'summaryTo', 'the global `emailalert`', 'who gets the summary', addresses),
  row(
    'top',
    'maildelay',
    'mailDelay',
    '1',
    'seconds for which an alert waits for others; more than three become one mail',
    numberFrom(0, 3600),
  ),
  row(
    'top',
    'maillimit',
    'mailLimit',
    '60',
    'mails in an hour to the same recipients; what comes on top of that waits and becomes one mail',
    numberFrom(1, 100_000),
  ),
  row('top', 'smtpport', 'smtpPort', '25', 'the port of the mail server that `smtp` names', numberFrom(1, 65_535)),
  row(
    'top',
    'sendmail',
    'sendmail',
    '/usr/sbin/sendmail',
    'the program that takes mails where no `smtp` is named',
    path,
  ),
  row(
    'top',
    'commandtimeout',
    'commandTimeout',
    '60',
    'seconds until `fallbackcommand`, `callback` or sendmail is killed',
    numberFrom(1, 3600),
  ),
  row(
    'top',
    'http',
    'http',
    'nowhere',
    'where metrics, the API and the status page are served: `ADDRESS:PORT`, a port on 127.0.0.1, or the path of a Unix socket',
    listenAddress,
  ),
  row(
    'top',
    'httptokenfile',
    'httpTokenFile',
    'none',
    'a file with the token that lets its bearer drain servers over HTTP; without a token nobody can',
    path,
  ),
  row('top', 'httptoken', 'httpToken', 'none', 'the token itself, where it is in no file of its own', token),
  row(
    'top',
    'control',
    'control',
    'yes',
    'whether there is a control socket, which `list`, `drain` and others need',
    yesNo,
  ),
  row(
    'top',
    'controlgroup',
    'controlGroup',
    'none',
    'the group whose members may use the control socket, beside the user of the daemon',
    name('the name of a group'),
  ),
  row(
    'maintenance',
    'server',
    'server',
    'all',
    'the real server, called as a file in `maintenancedir` is',
    name('a server, as 10.0.0.1:80'),
  ),
  row(
    'maintenance',
    'virtual',
    'virtual',
    'all',
    'the virtual service: `ADDRESS:PORT`, or the number of a firewall mark',
    name('ADDRESS:PORT or a firewall mark'),
  ),
  row(
    'maintenance',
    'schedule',
    'schedule',
    'none',
    'when the window begins, as a cron expression of five fields',
    fiveFields,
  ),
  row('maintenance', 'duration', 'duration', 'none', 'how long it lasts then: `90`, `90m` or `2h`', duration),
  row('maintenance', 'drainat', 'drainAt', 'none', 'when it begins, once: `2026-11-22 02:00`', moment),
  row('maintenance', 'returnat', 'returnAt', 'never', 'when it ends after `drainat`', moment),
];

/** What can be wrong with the file: a sentence for each code of a diagnostic. */
export const settingFaults = {
  'unreadable-file': eitherCodes['unreadable-file'],
  'empty-value': eitherCodes['empty-value'],
  ...settingCodes,
} as const;

/** The code of a diagnostic about the settings. */
export type SettingFault = keyof typeof settingFaults;

const byKey: ReadonlyMap<string, SettingRow> = new Map(settingRows.map((row) => [`${row.scope} ${row.key}`, row]));

export function settingOf(key: string, scope: Scope): SettingRow | undefined {
  return byKey.get(`${scope} ${key}`);
}

/** What keeps a window from ever beginning; null where nothing does. */
export function windowFaults(window: MaintenanceWindow): string | null {
  const { server, virtual, schedule, duration, drainAt, returnAt } = window;
  if (server === null && virtual === null) return 'a window needs server, virtual or both';
  if (schedule === null && drainAt === null) return 'a window needs schedule with duration, or drainat';
  if ((schedule === null) !== (duration === null)) return 'schedule and duration need each other';
  if (returnAt !== null && drainAt === null) return 'returnat needs drainat';
  return drainAt !== null && returnAt !== null && returnAt <= drainAt ? 'returnat is not after drainat' : null;
}
