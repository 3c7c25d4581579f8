/** Every key of the settings file: one row each. The manual prints this table. */

import { availableParallelism } from 'node:os';
import { type BackendName, backendNames } from '../../ipvs/capabilities.js';
import { eitherCodes, settingCodes } from '../diagnostics/codes.js';
import { type AnnounceSection, announceCalled, announceFaults, announceRows } from './announce-rows.js';
import type { Item } from './item.js';
import type { ListenAddress } from './listen-address.js';
import { type MaintenanceWindow, windowCalled, windowFaults, windowRows } from './maintenance-rows.js';
import { type RoleSettings, roleRows } from './role-rows.js';
import { defaultsOf, type Row, row } from './row.js';
import { type SshSettings, sshRows } from './ssh-rows.js';
import { type SectionAdvice, type StoreSettings, storeAdvice, storeFault, storeRows } from './store-rows.js';
import { type SyncSettings, syncFault, syncRows } from './sync-rows.js';
import * as read from './values.js';

export interface Settings {
  /** Where the table is; the command line goes before it. */
  readonly backend: BackendName;
  /** Threads of the userspace backend. */
  readonly balancerThreads: number;
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
  /** Of which servers `/metrics` has series. */
  readonly metrics: 'servers' | 'problems' | 'virtuals';
  /** Lets whoever has it act over HTTP. Never part of any output. */
  readonly httpToken: string | null;
  /** The file with it. */
  readonly httpTokenFile: string | null;
  /** Whether there is a control socket. */
  readonly control: boolean;
  /** Whose members may use it, beside the user; null is nobody. */
  readonly controlGroup: string | null;
  /** Who says whether this director is active. */
  readonly role: RoleSettings;
  /** How real servers are logged in to. */
  readonly ssh: SshSettings;
  /** Whether connections are told to the other director, and how. */
  readonly sync: SyncSettings;
  /** What directors share, and where. */
  readonly store: StoreSettings;
  readonly maintenance: readonly MaintenanceWindow[];
  /** How addresses of services are announced. */
  readonly announce: readonly AnnounceSection[];
}

/** Sections that stand for one property of the settings each. */
type OneSections = Pick<Settings, 'role' | 'ssh' | 'store' | 'sync'>;
/** Sections of which there may be many: each is an item of a property of the settings. */
type ManySections = { readonly [K in 'maintenance' | 'announce']: Settings[K][number] };

/** Before all sections, or in which. */
export type SettingScope = 'top' | OneScope | ManyScope;
export type OneScope = keyof OneSections;
export type ManyScope = keyof ManySections;

/** What the settings of a scope are read into. */
export type ScopeSettings = Settings | OneSections[OneScope] | ManyItem;
export type ManyItem = ManySections[ManyScope];

const never = { words: 'never' } as const;

const topRows: { readonly [K in Exclude<keyof Settings, OneScope | ManyScope>]: Row<Settings[K]> } = {
  backend: row(
    'backend',
    'auto',
    'where the table is, unless `--backend` says: `auto` or `kernel`, `userspace`, `memory`; another one counts at the next start',
    read.oneOf(...backendNames),
  ),
  balancerThreads: row(
    'balancerthreads',
    1,
    'threads that forward connections with the userspace backend; another number counts at the next start',
    read.numberFrom(1, 64),
  ),
  logFormat: row(
    'logformat',
    'text',
    'how the log file, or standard output, is written: `text` or `json`',
    read.oneOf('text', 'json'),
  ),
  logLevel: row(
    'loglevel',
    'info',
    'the least that is logged: `debug`, `info`, `warning` or `error`',
    read.oneOf('debug', 'info', 'warning', 'error'),
  ),
  workers: row(
    'workers',
    availableParallelism(),
    'threads that run the checks, at most; as many begin as the checks keep busy, none for a few simple ones',
    read.numberFrom(1, 256),
    { words: 'one for each processor' },
  ),
  checkLimit: row(
    'checklimit',
    8192,
    'checks under way at once, and at most half of the files that the process may have open; the rest waits its turn',
    read.numberFrom(1, 1_000_000),
  ),
  checkJitter: row(
    'checkjitter',
    0,
    'percent of its interval by which a check comes late at random',
    read.numberFrom(0, 50),
  ),
  auditInterval: row('auditinterval', 2, 'seconds from one look at the table to the next', read.numberFrom(1, 3600)),
  auditSchedule: row(
    'auditschedule',
    null,
    'when the whole table is compared with the wanted one and the result is logged, as a cron expression',
    read.anyFields,
    never,
  ),
  summarySchedule: row(
    'summaryschedule',
    null,
    'when a summary is sent by mail, as a cron expression',
    read.anyFields,
    never,
  ),
  summaryTo: row('summaryto', [], 'who gets the summary', read.addresses, { words: 'the global `emailalert`' }),
  mailDelay: row(
    'maildelay',
    1,
    'seconds for which an alert waits for others; more than three become one mail',
    read.numberFrom(0, 3600),
  ),
  mailLimit: row(
    'maillimit',
    60,
    'mails in an hour to the same recipients; what comes on top of that waits and becomes one mail',
    read.numberFrom(1, 100_000),
  ),
  smtpPort: row('smtpport', 25, 'the port of the mail server that `smtp` names', read.numberFrom(1, 65_535)),
  sendmail: row('sendmail', '/usr/sbin/sendmail', 'the program that takes mails where no `smtp` is named', read.path),
  commandTimeout: row(
    'commandtimeout',
    60,
    'seconds until `fallbackcommand`, `callback` or sendmail is killed',
    read.numberFrom(1, 3600),
  ),
  http: row(
    'http',
    null,
    'where metrics, the API and the status page are served: `ADDRESS:PORT`, a port on 127.0.0.1, or the path of a Unix socket',
    read.listenAddress,
    { words: 'nowhere' },
  ),
  metrics: row(
    'metrics',
    'servers',
    'of which servers `/metrics` has series: `servers` is all, `problems` those that are not up with the weight that is wanted, `virtuals` none',
    read.oneOf('servers', 'problems', 'virtuals'),
  ),
  httpTokenFile: row(
    'httptokenfile',
    null,
    'a file with the token that lets its bearer drain servers over HTTP; without a token nobody can',
    read.path,
  ),
  httpToken: row('httptoken', null, 'the token itself, where it is in no file of its own', read.token, {
    secret: { kind: 'value', misspelt: 'h\\w*to?k\\w*' },
  }),
  control: row('control', true, 'whether there is a control socket, which `list`, `drain` and others need', read.yesNo),
  controlGroup: row(
    'controlgroup',
    null,
    'the group whose members may use the control socket, beside the user of the daemon',
    read.name('the name of a group'),
  ),
};

const oneRows: { readonly [S in OneScope]: { readonly [K in keyof OneSections[S]]: Row<OneSections[S][K]> } } = {
  role: roleRows,
  ssh: sshRows,
  store: storeRows,
  sync: syncRows,
};

/** What keeps a section from taking effect; null where nothing does. */
export const oneFaults: { readonly [S in OneScope]?: (settings: OneSections[S]) => string | null } = {
  store: storeFault,
  sync: syncFault,
};

/** What there is to say of one that does; null where there is nothing. */
export const oneAdvice: { readonly [S in OneScope]?: (settings: OneSections[S]) => SectionAdvice | null } = {
  store: storeAdvice,
};

/** What there is to say of a section of which there may be many. */
interface Many<T> {
  readonly rows: { readonly [K in keyof Omit<T, keyof Item>]: Row<T[K]> };
  /** What follows the section's word in its head. */
  readonly argument: string;
  /** One of which nothing is said but that. */
  readonly called: (argument: string) => T;
  /** What keeps one from ever counting; null where nothing does. */
  readonly fault: (item: T) => string | null;
  /** Of the diagnostic that says so, and what it calls the section. */
  readonly code: SettingFault;
  readonly whole: string;
}

export const manySections: { readonly [S in ManyScope]: Many<ManySections[S]> } = {
  maintenance: {
    rows: windowRows,
    argument: 'NAME',
    called: windowCalled,
    fault: windowFaults,
    code: 'bad-window',
    whole: 'window',
  },
  announce: {
    rows: announceRows,
    argument: 'VIP',
    called: announceCalled,
    fault: announceFaults,
    code: 'bad-announcement',
    whole: 'section',
  },
};

export const defaultSettings: Settings = {
  ...defaultsOf(topRows),
  role: defaultsOf(roleRows),
  ssh: defaultsOf(sshRows),
  sync: defaultsOf(syncRows),
  store: defaultsOf(storeRows),
  maintenance: [],
  announce: [],
};

export function isOneScope(word: string): word is OneScope {
  return Object.hasOwn(oneRows, word);
}

export function isManyScope(word: string): word is ManyScope {
  return Object.hasOwn(manySections, word);
}

/** The heads of all sections. */
export const sectionHeads: readonly string[] = [
  ...Object.keys(oneRows).map((word) => `[${word}]`),
  ...Object.entries(manySections).map(([word, { argument }]) => `[${word} ${argument}]`),
];

export interface SettingRow extends Pick<Row<unknown>, 'key' | 'fallback' | 'summary' | 'secret'> {
  readonly scope: SettingScope;
  /** The settings with the value in them, or what is wrong with it. */
  readonly read: (settings: ScopeSettings, text: string) => ScopeSettings | string;
}

function rowsOf(scope: SettingScope, rows: Readonly<Record<string, Row<unknown>>>): SettingRow[] {
  return Object.entries(rows).map(([property, { read, ...rest }]) => ({
    ...rest,
    scope,
    read(settings, text) {
      const outcome = read(text);
      return 'fault' in outcome ? outcome.fault : { ...settings, [property]: outcome.value };
    },
  }));
}

/** Every key of the file. The manual prints this table. */
export const settingRows: readonly SettingRow[] = [
  ...rowsOf('top', topRows),
  ...Object.entries(oneRows).flatMap(([scope, rows]) => rowsOf(scope as OneScope, rows)),
  ...Object.entries(manySections).flatMap(([scope, { rows }]) => rowsOf(scope as ManyScope, rows)),
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

export function settingOf(key: string, scope: SettingScope): SettingRow | undefined {
  return byKey.get(`${scope} ${key}`);
}
