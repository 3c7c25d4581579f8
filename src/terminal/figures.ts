/** Figures as people read them. */

import { localTimeText } from '../model/local-time.js';
import type { Origin } from '../model/origin.js';

/** `5s`, `12m`, `2h`, `3d`, of milliseconds. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 100) return `${seconds}s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)}m`;
  return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)}h` : `${Math.round(seconds / 86_400)}d`;
}

const thousands = ['', 'k', 'M', 'G', 'T', 'P'];

/** `950`, `1.2k`, `34M`. */
export function short(value: number): string {
  let rest = value;
  let step = 0;
  while (rest >= 999.5 && step < thousands.length - 1) {
    rest /= 1000;
    step += 1;
  }
  return `${step > 0 && rest < 9.95 ? rest.toFixed(1) : Math.round(rest)}${thousands[step]}`;
}

/** A number that may not be known. */
export function textIfKnown(value: number | null | undefined, text: (value: number) => string = String): string {
  return value === null || value === undefined ? '-' : text(value);
}

export function countText(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** When something ends by itself, in milliseconds since 1970; nothing where that is null. */
export function endingOf({ until }: { readonly until: number | null }): string {
  return until === null ? '' : ` until ${localTimeText(until)}`;
}

/** ` by alice 2h ago: replacing a disk`, as far as it is known; ages are counted from `at`. */
export function originOf({ who, since, why, on }: Origin, at: number): string {
  const age = since === null ? null : span(at - since);
  const by = `${who === null ? '' : ` by ${who}`}${on === undefined ? '' : ` on ${on}`}`;
  const began = by === '' ? (age === null ? '' : ` for ${age}`) : `${by}${age === null ? '' : ` ${age} ago`}`;
  return `${began}${why === null ? '' : `: ${why}`}`;
}
