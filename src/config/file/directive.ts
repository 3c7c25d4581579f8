/** What a directive is: a row with all that is known of it, but what its value is used for. */

import type { Family, Requirement } from '../../model/config.js';
import type { WarningCode } from '../diagnostics/codes.js';
import type { ServiceName, TlsMode } from '../services.js';
import type { Field } from './lines.js';
import type { Context, Outcome, Reader } from './reading.js';

export type Scope = 'global' | 'virtual' | 'both';

/** What of a virtual decides how its settings are shown, and which of them say something about its checks. */
export interface Facts {
  readonly family: Family;
  readonly service: ServiceName;
  readonly tls: TlsMode;
  readonly require: readonly Requirement[];
}

/** What is hidden wherever a line of the file is quoted, and in what a reload has changed. */
export interface Secret {
  /** A `name` is told to whoever runs this program: it stands in show-config and in reasons, where a `value` never does. */
  readonly kind: 'name' | 'value';
  /** Other words for it, as a regular expression; its own keyword where that is left out. */
  readonly alike?: string;
  /** What a misspelt keyword looks like, as a regular expression. */
  readonly misspelt?: string;
}

/** `T` is what a line gives, `E` what holds in the end. */
export interface Row<T, E, S extends Secret | null = Secret | null> {
  readonly scope: Scope;
  readonly summary: string;
  /** What holds where no line says anything. */
  readonly default: E;
  /** The same in words. */
  readonly words: string;
  /** Whether the reference does not know it. */
  readonly extension: boolean;
  /** Whether the value must stand in double quotes. */
  readonly quoted: boolean;
  /** Whether the value is a word of the grammar, which can be told in any case. */
  readonly word: boolean;
  /** Whether a virtual takes over what the global section says. */
  readonly inherited: boolean;
  /** Whose value holds where that one is set in a section, and this one is not. */
  readonly standIn: string | null;
  readonly secret: S;
  /** Whether show-config leaves it out where there is none. */
  readonly optional: boolean;
  /** What to say where it is set for a service whose checks do not read it; null is nothing. */
  readonly useless: WarningCode | null;
  /** What to say of a line that sets it; null is nothing. */
  readonly deprecated: string | null;
  read(field: Field, context: Context): Outcome<T>;
  /** Of two lines that set it. */
  join(earlier: T, value: T): T;
  /** Whether it says something about the checks of such a virtual. */
  applies(facts: Facts): boolean;
  /** As show-config has it; there are no facts in the global section. */
  show(value: E, facts: Facts | null): unknown;
  /** What of it is in no output, as it stands in what is sent. */
  hide(value: E): readonly string[];
}

export type Rows = Readonly<Record<string, Row<unknown, unknown>>>;

/** What holds in the end, of some rows. */
export type Effective<R extends Rows> = { readonly [K in keyof R]: R[K]['default'] };

/** What holds where no line says anything. */
export function defaultsOf<R extends Rows>(rows: R): Effective<R> {
  return Object.fromEntries(
    Object.entries(rows).map(([keyword, { default: usual }]) => [keyword, usual]),
  ) as Effective<R>;
}

type Plain =
  | 'words'
  | 'extension'
  | 'quoted'
  | 'word'
  | 'inherited'
  | 'standIn'
  | 'optional'
  | 'useless'
  | 'deprecated';

export interface Traits<T, E> extends Partial<Pick<Row<T, E>, Plain | 'applies' | 'show' | 'hide'>> {
  /** Adds a value to that of earlier lines, which it replaces otherwise. */
  readonly join?: (earlier: T, value: T) => T;
  /** Where the global section reads another way. */
  readonly globally?: Reader<T>;
}

export const masked = '***';

/** What a directive says is null where its default is, besides what is read. */
type Held<T, D> = null extends D ? T | null : T;

export function row<T, const D extends T | null, S extends Secret | null = null>(
  scope: Scope,
  reader: Reader<T>,
  usual: D,
  summary: string,
  traits: Traits<T, Held<T, D>> & { readonly secret?: S } = {},
): Row<T, Held<T, D>, S> {
  const { secret = null, globally = reader, standIn = null, ...own } = traits;
  const show = own.show ?? (secret?.kind === 'value' ? mask : plain);
  const words = own.words ?? inWords(show(usual as Held<T, D>, null));
  return {
    extension: false,
    quoted: false,
    word: false,
    inherited: scope === 'both',
    optional: false,
    useless: null,
    deprecated: null,
    join: (_, value) => value,
    applies: () => true,
    hide: (value) => (secret?.kind === 'value' && typeof value === 'string' && value !== '' ? [value] : []),
    ...own,
    scope,
    summary,
    default: usual as Held<T, D>,
    words: standIn === null ? words : `${standIn} where that is set, else ${words}`,
    standIn,
    secret: secret as S,
    read: (field, context) => (context.section === null ? globally : reader)(field, context),
    show,
  };
}

function plain(value: unknown): unknown {
  return typeof value === 'boolean' ? yesNo(value) : value;
}

function mask(value: unknown): string {
  return value === '' ? '' : masked;
}

function yesNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no';
}

export function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

export function inWords(value: unknown): string {
  return isNothing(value) ? 'none' : String(plain(value));
}

/** The value is a word of the grammar. */
export const word = { word: true } as const;
/** The value stands in double quotes. */
export const quoted = { quoted: true } as const;
/** The reference does not know it. */
export const extension = { extension: true } as const;
/** It stands in show-config only where it is set. */
export const optional = { optional: true } as const;
