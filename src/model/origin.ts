/** Who asked for something, when and why. */

import { localTimeText } from './local-time.js';

export interface Origin {
  /** A user, as `alice`, `root (alice)` or `uid 1000`, or `status page`; null where nobody knows. */
  readonly who: string | null;
  /** In milliseconds since 1970; null where nobody knows. */
  readonly since: number | null;
  /** Null where nothing was said. */
  readonly why: string | null;
  /** On which director, where several share what is asked for. */
  readonly on?: string;
}

export const unknownOrigin: Origin = { who: null, since: null, why: null };

/** Without what else is known of what was asked. */
export function plainOrigin({ who, since, why, on }: Origin): Origin {
  return on === undefined ? { who, since, why } : { who, since, why, on };
}

/** Characters of a reason: it stands in one line of a log and of a listing. */
export const longestReason = 200;

/**
 * Control and format characters, halves of pairs, and the separators of lines and paragraphs. A function, as those below,
 * since V8 takes long to read properties of Unicode, and few commands need any.
 */
function unprintable(): RegExp {
  return /[\p{C}\p{Zl}\p{Zp}]/gu;
}

/** Whether people may give this as a reason: one line that can be printed. */
export function isReason(text: string): boolean {
  return text.trim() !== '' && text.length <= longestReason && text.search(unprintable()) < 0;
}

/** The reason that a line of somebody's holds, as much of it as is kept; null where it holds none. */
export function reasonIn(line: string): string | null {
  const text = line.trim().slice(0, longestReason).replaceAll(unprintable(), '\ufffd');
  return text === '' ? null : text;
}

/** Whether a user can be called so: a name that can be told from what stands around it. */
export function isUserName(text: string): boolean {
  return /^[^\s\p{C}()]{1,64}$/u.test(text);
}

/** Whether this is how `Origin` has it. */
export function isWho(text: string): boolean {
  return /^(?:[^\s\p{C}()]{1,64}|uid \d{1,10}|status page)(?: \([^\s\p{C}()]{1,64}\))?$/u.test(text);
}

/**
 * What is known for sure, and in brackets who that acts for by their own word: `root (alice)` of somebody who came by
 * sudo.
 */
export function whoOf(user: string | null, claim: string | null): string | null {
  if (claim === null || claim === user) return user;
  return user === null ? null : `${user} (${claim})`;
}

/** ` by alice at 2026-11-29 10:41:05: replacing a disk`, as far as it is known, to stand behind what was asked for. */
export function originWords({ who, since, why, on }: Origin): string {
  const by = `${who === null ? '' : ` by ${who}`}${on === undefined ? '' : ` on ${on}`}`;
  const at = since === null ? '' : ` ${who === null ? 'since' : 'at'} ${localTimeText(since)}`;
  return `${by}${at}${why === null ? '' : `: ${why}`}`;
}
