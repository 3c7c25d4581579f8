/** What there is to say of a key of the settings file. */

import { inWords, type Secret } from '../file/directive.js';
import type { Value } from './values.js';

/** What the file says of one property of what is read from it. */
export interface Row<T> {
  readonly key: string;
  /** What holds where the file says nothing. */
  readonly default: T;
  readonly summary: string;
  readonly read: (text: string) => Value<T>;
  /** The default, in words. */
  readonly fallback: string;
  readonly secret: Secret | null;
}

export interface Traits {
  /** The default, where it is not as it is written. */
  readonly words?: string;
  readonly secret?: Secret;
}

export function row<T, D extends T | null>(
  key: string,
  usual: D,
  summary: string,
  read: (text: string) => Value<T>,
  { words = inWords(usual), secret }: Traits = {},
): Row<T | D> {
  return { key, default: usual, summary, read, fallback: words, secret: secret ?? null };
}

type Defaults<R> = { readonly [K in keyof R]: R[K] extends Row<infer T> ? T : never };

/** Of each row, by the property that it is about. */
export function defaultsOf<R extends Readonly<Record<string, Row<unknown>>>>(rows: R): Defaults<R> {
  return Object.fromEntries(Object.entries(rows).map(([property, row]) => [property, row.default])) as Defaults<R>;
}
