/**
 * What of a server's past decides whether it may come back: how often it has fallen of late, and whether somebody is to
 * look at it first. Values and the time in, values out.
 */

import type { PolicyHold, ReturnPolicy } from '../model/policy-hold.js';

/** Times in milliseconds since 1970. */
export interface Past {
  /** Falls that count. One goes for each `MAX` seconds that the server was in use since, without another. */
  readonly falls: number;
  /** Until when it is held out for the last of them. */
  readonly heldUntil: number;
  /** When its checks passed again; null while they do not. */
  readonly upAt: number | null;
  /** Whether it was down since somebody last undrained it. */
  readonly awaitsUndrain: boolean;
}

/** `wasUp` is whether it was taken for up until then, so that it falls now. */
export function fall(before: Past | null, wasUp: boolean, { flapdamping, resume }: ReturnPolicy, now: number): Past {
  const awaitsUndrain = resume === 'manual' || (before?.awaitsUndrain ?? false);
  const { falls = 0, heldUntil = now } = before ?? {};
  if (flapdamping === null || !wasUp) return { falls, heldUntil, upAt: null, awaitsUndrain };
  const most = flapdamping.most * 1000;
  const count = fallsAt(before, most, now) + 1;
  const hold = Math.min(flapdamping.base * 1000 * 2 ** Math.min(count - 1, 30), most);
  return { falls: count, heldUntil: now + hold, upAt: null, awaitsUndrain };
}

/** Its checks pass again. */
export function comeUp(before: Past, now: number): Past {
  return { ...before, upAt: now };
}

/** Somebody has looked at it. */
export function forgive(before: Past, what: 'damping' | 'all', now: number): Past {
  return { ...before, falls: 0, heldUntil: now, awaitsUndrain: what === 'all' ? false : before.awaitsUndrain };
}

/** Whether it says nothing any more that a policy could need; `now` in milliseconds since 1970. */
export function isOver(past: Past, { flapdamping }: ReturnPolicy, now: number): boolean {
  return !past.awaitsUndrain && (flapdamping === null || fallsAt(past, flapdamping.most * 1000, now) === 0);
}

/** What holds out one whose checks pass. A clock that was set back by more than a hold can last ends it. */
export function policyHold(past: Past | null, { flapdamping, resume }: ReturnPolicy, now: number): PolicyHold | null {
  if (past === null) return null;
  if (resume === 'manual' && past.awaitsUndrain) return { by: 'resume', until: null };
  const { heldUntil, falls } = past;
  if (flapdamping === null || now >= heldUntil || heldUntil - now > flapdamping.most * 1000) return null;
  return { by: 'damping', until: heldUntil, falls };
}

/** Falls that count `now`; `most` in milliseconds. */
function fallsAt(past: Past | null, most: number, now: number): number {
  if (past === null) return 0;
  if (past.upAt === null) return past.falls;
  const stableSince = Math.max(past.upAt, past.heldUntil);
  return Math.max(0, past.falls - Math.floor(Math.max(0, now - stableSince) / most));
}
