/** What stands under the key of an override: written by directors as JSON, and by people as they like. */

import { isReason, isWho, type Origin, reasonIn, unknownOrigin } from '../../model/origin.js';
import type { Override } from '../../model/override.js';
import { isWeight } from '../../overrides/by-hand.js';
import { type About, isDirectorName } from './keys.js';
import { type Stamp, stampIn, stampText } from './stamp.js';

export interface Entry {
  /** What is asked; null where it was taken back: a tombstone, so that who was away does not bring it back. */
  readonly asked: Override | null;
  /** Who asked for it, or took it back. */
  readonly origin: Origin;
  /** Null where no director wrote it. */
  readonly stamp: Stamp | null;
}

/** The value for it. A moment is written so that people can read it; the stamp decides which of two is later. */
export function entryText({ asked, origin, stamp }: Entry): string {
  const { who, since, why, on } = origin;
  return JSON.stringify({
    ...(asked === null ? { removed: true } : asked.kind === 'weight' && { weight: asked.weight }),
    ...(asked !== null && asked.until !== null && { until: new Date(asked.until).toISOString() }),
    ...(who !== null && { who }),
    ...(on !== undefined && { on }),
    ...(since !== null && { since: new Date(since).toISOString() }),
    ...(why !== null && { why }),
    ...(stamp !== null && { stamp: stampText(stamp) }),
  });
}

const weightWords = /^(\d{1,5})(?:\s+(.*))?$/s;

/**
 * Reads it, whoever wrote it. A key of a drain drains whatever its value is: a drain too many does less harm than a server
 * that is worked on and takes traffic.
 */
export function entryIn(about: About, text: string): Entry | { readonly fault: string } {
  const plain = text.trim();
  const given = plain.startsWith('{') ? objectIn(plain) : null;
  if (given !== null) return entryOf(about, given);
  if (about.kind === 'drain') return askedBy(about, 0, null, { ...unknownOrigin, why: firstLine(plain) });
  const [, weight, why = ''] = weightWords.exec(plain) ?? [];
  if (!isWeight(Number(weight ?? Number.NaN)))
    return { fault: 'a weight is a number up to 65535, and perhaps a reason' };
  return askedBy(about, Number(weight), null, { ...unknownOrigin, why: firstLine(why) });
}

function entryOf(about: About, given: Readonly<Record<string, unknown>>): Entry | { readonly fault: string } {
  const { weight, until = null, removed, who, why, since, on, stamp } = given;
  const isOn = typeof on === 'string' && isDirectorName(on);
  const origin: Origin = {
    who: typeof who === 'string' && isWho(who) ? who : null,
    since: momentIn(since),
    why: typeof why === 'string' && isReason(why) ? why : null,
    ...(isOn && { on }),
  };
  const at = isOn ? stampIn(stamp, on) : null;
  if (removed === true) return { asked: null, origin, stamp: at };
  const end = momentIn(until);
  if (about.kind === 'weight' && !isWeight(weight)) return { fault: '"weight" is a number up to 65535' };
  if (until !== null && end === null && about.kind === 'weight') {
    return { fault: '"until" is a moment as 2026-11-29T18:00:00Z' };
  }
  return { ...askedBy(about, about.kind === 'weight' ? Number(weight) : 0, end, origin), stamp: at };
}

function askedBy(about: About, weight: number, until: number | null, origin: Origin): Entry {
  const { kind, server, virtual } = about;
  return { asked: { kind, server, virtual, weight, until, ...origin }, origin, stamp: null };
}

function firstLine(text: string): string | null {
  return reasonIn(text.split(/[\r\n]/, 1)[0] ?? '');
}

/** In milliseconds since 1970. */
function momentIn(value: unknown): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value)) return null;
  const moment = Date.parse(value);
  return Number.isNaN(moment) ? null : moment;
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
