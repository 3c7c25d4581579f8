/** What health policies know of the past, from one run to the next: as values, and as the text of a file. */

import type { Heard } from './agents.js';
import type { Past } from './past.js';

/** Of a real server in its virtual; what is left out is as usual. */
export interface ServerState {
  /** What keeps it out after it was down. */
  readonly past?: Past;
  /** Successes in a row of one that is down and has to rise. */
  readonly risen?: number;
  /** When it began to grow, in milliseconds since 1970. */
  readonly growsSince?: number;
  /** It is in use by the minimum, and not by its checks. */
  readonly kept?: true;
}

export interface PolicyState {
  /** By the server's key. */
  readonly servers: ReadonlyMap<string, ServerState>;
  /** Keys of virtuals that are below their minimum. */
  readonly below: ReadonlySet<string>;
  /** What agents have said, by their names. */
  readonly agents: ReadonlyMap<string, Heard>;
}

export const noPolicyState: PolicyState = { servers: new Map(), below: new Set(), agents: new Map() };

const version = 1;
/**
 * Milliseconds for which what goes on without a gap is taken to go on: longer than a restart, with the time that passes
 * from one writing to the next.
 */
export const freshFor = 120_000;

/** `now` in milliseconds since 1970. */
export function writePolicyState({ servers, below, agents }: PolicyState, now: number): string {
  const state = {
    v: version,
    at: now,
    servers: Object.fromEntries(servers),
    below: [...below],
    agents: Object.fromEntries(agents),
  };
  return `${JSON.stringify(state, null, 1)}\n`;
}

/**
 * Throws where the text is not of `writePolicyState`. Checks that passed in a row, and a pool that was below its minimum,
 * count only where there was no long time without anybody to look.
 */
export function readPolicyState(text: string, now: number): PolicyState {
  const { v, at, servers, below, agents = {} } = JSON.parse(text) as Record<string, unknown>;
  if (v !== version) throw new Error(`it is of version ${JSON.stringify(v)} and not ${version}`);
  if (typeof at !== 'number' || !isObject(servers) || !Array.isArray(below)) throw new Error('it holds something else');
  const found = Object.entries(servers);
  const heard = isObject(agents) ? Object.entries(agents) : [];
  if (!isObject(agents) || !heard.every(isAgent)) throw new Error('it holds something else');
  if (!found.every(isServer) || !below.every((key) => typeof key === 'string')) {
    throw new Error('it holds something else');
  }
  const isFresh = Math.abs(now - at) < freshFor;
  const states = found.map(([key, state]): [string, ServerState] => [key, isFresh ? state : whatLasts(state)]);
  return { servers: new Map(states), below: new Set(isFresh ? below : []), agents: new Map(heard) };
}

function whatLasts({ past, growsSince }: ServerState): ServerState {
  return { ...(past && { past }), ...(growsSince !== undefined && { growsSince }) };
}

function isServer(entry: [string, unknown]): entry is [string, ServerState] {
  const [, state] = entry;
  if (!isObject(state)) return false;
  const { past, risen, growsSince, kept } = state;
  return (
    (past === undefined || isPast(past)) &&
    (risen === undefined || isCount(risen)) &&
    (growsSince === undefined || typeof growsSince === 'number') &&
    (kept === undefined || kept === true)
  );
}

function isAgent(entry: [string, unknown]): entry is [string, Heard] {
  const [, heard] = entry;
  if (!isObject(heard)) return false;
  const { said, word, since, outSince, answered } = heard;
  const areTexts = typeof said === 'string' && typeof word === 'string';
  return areTexts && [since, outSince, answered].every((time) => time === null || typeof time === 'number');
}

function isPast(value: unknown): value is Past {
  if (!isObject(value)) return false;
  const { falls, heldUntil, upAt, awaitsUndrain } = value;
  return (
    isCount(falls) &&
    typeof heldUntil === 'number' &&
    (upAt === null || typeof upAt === 'number') &&
    typeof awaitsUndrain === 'boolean'
  );
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
