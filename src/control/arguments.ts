/** Reading what stands in a request: others wrote it. Each throws a ControlError where it is wrong. */

import { isReason, isUserName, isWho, longestReason, whoOf } from '../model/origin.js';
import type { NamedServer } from '../overrides/places.js';
import type { Wish } from '../overrides/steering.js';
import { askedStates, askedStatesIn } from '../status/asked-states.js';
import type { Selection } from '../status/selection.js';
import { readUserNames } from '../system/users.js';
import { ControlError, type Request } from './protocol.js';

const longestText = 1_000;

export function textOf({ given }: Request, name: string): string {
  const value = given[name];
  if (typeof value === 'string' && value !== '' && value.length <= longestText) return value;
  throw new ControlError('bad-request', `"${name}" must be text of at most ${longestText} characters`);
}

/** Null where it is not there, or null. */
export function numberOf(request: Request, name: string, least: number, most: number): number | null {
  const value = request.given[name] ?? null;
  if (value === null || (Number.isInteger(value) && Number(value) >= least && Number(value) <= most)) {
    return value === null ? null : Number(value);
  }
  throw new ControlError('bad-request', `"${name}" must be a whole number from ${least} to ${most}`);
}

export function flagOf({ given }: Request, name: string): boolean {
  const value = given[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw new ControlError('bad-request', `"${name}" must be true or false`);
}

export function oneOf<T extends string>(request: Request, name: string, words: readonly T[]): T {
  const value = request.given[name];
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw new ControlError('bad-request', `"${name}" must be one of ${words.join(', ')}`);
}

export function targetOf(request: Request): NamedServer {
  const { virtual = null } = request.given;
  return { server: textOf(request, 'server'), virtual: virtual === null ? null : textOf(request, 'virtual') };
}

/** What of a listing is asked for; everything where nothing is said. */
export function selectionOf(request: Request): Selection {
  const { states = null } = request.given;
  const textIf = (name: string): string | undefined =>
    (request.given[name] ?? null) === null ? undefined : textOf(request, name);
  const own = { server: textIf('server'), virtual: textIf('virtual'), search: textIf('search') };
  if (states === null) return own;
  const asked = Array.isArray(states) ? askedStatesIn(states) : null;
  if (Array.isArray(states) && states.length > 0 && asked?.size === states.length) return { ...own, states: asked };
  throw new ControlError('bad-request', `"states" must be a list of ${askedStates.join(', ')}`);
}

/** Who asks for it, as the kernel says and, in brackets, by their own word; why; and whether in any case. */
export async function wishOf(request: Request, peer: number | null): Promise<Wish> {
  const { reason = null, user = null } = request.given;
  const force = flagOf(request, 'force');
  if (reason !== null && !(typeof reason === 'string' && isReason(reason))) {
    const fault = `"reason" must be one line of at most ${longestReason} characters that can be printed`;
    throw new ControlError('bad-request', fault);
  }
  if (user !== null && !(typeof user === 'string' && isUserName(user))) {
    throw new ControlError('bad-request', '"user" must be the name of a user');
  }
  return { who: whoOf(peer === null ? null : await nameOf(peer), user), why: reason?.trim() ?? null, force };
}

async function nameOf(uid: number): Promise<string> {
  const name = (await readUserNames())(uid);
  return isWho(name) ? name : `uid ${uid}`;
}
