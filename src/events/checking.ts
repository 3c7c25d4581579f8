/** Events: checks, and what they say of servers. */

import type { Subject } from '../model/subject.js';

export type CheckingEvent =
  | (Passed & { readonly type: 'server-up' | 'server-recovered' })
  | (Passed & { readonly type: 'fallback-up' })
  | (Passed & { readonly type: 'fallback-recovered' })
  | (Rising & { readonly type: 'server-rising' | 'fallback-rising' })
  | (Failed & { readonly type: 'server-down' | 'server-soft-failure' })
  | (Failed & { readonly type: 'fallback-down' })
  | (Failed & { readonly type: 'fallback-soft-failure' })
  /** A server goes up and down again and again; so often within a minute, the first time `seconds` ago. */
  | (Subject & { readonly type: 'server-flapping'; readonly changes: number; readonly seconds: number })
  /** And that it does no more: as it is now, after so many changes in so long. */
  | (Subject & {
      readonly type: 'server-settled';
      readonly up: boolean;
      readonly changes: number;
      readonly seconds: number;
    })
  /** Once a minute while servers flap: how many, their changes within that minute, and of whom there were most. */
  | {
      readonly type: 'servers-flap';
      readonly servers: number;
      readonly changes: number;
      readonly most: Subject & { readonly changes: number };
    }
  /** A result of a check that says something new, or is wanted anyway, for one server that it decides about. */
  | (Subject & {
      readonly type: 'checked';
      readonly ok: boolean;
      readonly reason: string;
      /** Milliseconds. */
      readonly duration: number;
      /** Whether the server is held out of the table, whatever its checks say. */
      readonly held: boolean;
    })
  /** What all checks of about a second came to; durations in milliseconds. */
  | {
      readonly type: 'checks-summed';
      readonly sums: CheckSums;
      readonly spreads: { readonly lateness: Spread; readonly duration: Spread };
    }
  /** Checks that say nothing about their servers, for a cause on this machine or in this program; and that this is over. */
  | {
      readonly type: 'checks-hindered' | 'checks-unhindered';
      readonly reason: string;
      /** The most at once. */
      readonly checks: number;
    }
  /** All checks fail since about the same time: what links and routes of this machine say; and that one passes again. */
  | { readonly type: 'director-isolated'; readonly checks: number; readonly network: string }
  | { readonly type: 'director-reaches'; readonly checks: number }
  /** A thread that ran checks was given up; another goes on with them. */
  | { readonly type: 'worker-replaced'; readonly worker: number; readonly checks: number; readonly reason: string };

const turns = ['up', 'rising', 'down', 'soft-failure', 'recovered'] as const;
/** What a result of its check makes of a server, or of a fallback that is checked. */
export type Turn = Extract<CheckingEvent, { readonly type: `${'server' | 'fallback'}-${(typeof turns)[number]}` }>;
const turnTypes: ReadonlySet<string> = new Set(turns.flatMap((turn) => [`server-${turn}`, `fallback-${turn}`]));

export function isTurn(event: { readonly type: string }): event is Turn {
  return turnTypes.has(event.type);
}

/** What a check said of a server. */
export interface Passed extends Subject {
  readonly reason: string;
}

export interface Rising extends Passed {
  readonly successes: number;
  readonly risecount: number;
}

export interface Failed extends Passed {
  /** Milliseconds that the check took. */
  readonly duration: number;
  readonly failures: number;
  readonly failurecount: number;
}

export interface CheckSums {
  readonly started: number;
  readonly ok: number;
  readonly failed: number;
  readonly withoutVerdict: number;
  /** Left out, since the check before was still under way. */
  readonly skipped: number;
  /** Under way now, and due but waiting for a place. */
  readonly running: number;
  readonly waiting: number;
  /** How long after they were due checks began, and how long they took: half of them, 99 of 100, and the worst. */
  readonly lateness: Percentiles;
  readonly duration: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Durations as counts, fit for adding up. */
export interface Spread {
  /** How many took up to so many milliseconds, and longer than the bucket before reaches; empty ones are left out. */
  readonly buckets: readonly (readonly [upTo: number, counted: number])[];
  /** Milliseconds of all together. */
  readonly total: number;
}

export const checkingSentences: Readonly<Record<CheckingEvent['type'], string>> = {
  'server-up': 'as many checks in a row passed as `risecount` wants for a server that was down; says what passed',
  'server-rising': 'a check passed for a server that is down, but not often enough yet to bring it back',
  'server-down': 'checks failed failurecount times in a row, or the first one did; says phase and cause',
  'server-soft-failure': 'a check failed, but not often enough yet to take the server out',
  'server-recovered': 'a check passed after soft failures',
  'fallback-up': 'the same as `server-up`, of a fallback with `fallbackcheck`',
  'fallback-rising': 'the same as `server-rising`, of such a fallback',
  'fallback-down': 'the same as `server-down`, of such a fallback; the next one of its virtual service takes its place',
  'fallback-soft-failure': 'the same as `server-soft-failure`, of such a fallback',
  'fallback-recovered': 'the same as `server-recovered`, of such a fallback',
  'server-flapping':
    'a real server, or a fallback with `fallbackcheck`, went up and down ten times within a minute; its changes are not told one by one until it settles',
  'server-settled':
    'such a server had fewer than three changes within a minute; says whether it is up, and how many there were',
  'servers-flap': 'once a minute while servers flap: how many, how often they changed, and which one most',
  checked: 'a check has given a result that says something new, or any where `monitorfile` is set; not in the log',
  'checks-summed': 'once a second: how many checks began, failed and were late; in the log from `debug` on',
  'checks-hindered':
    'checks have no verdict, for a cause on this machine or in this program; says which, once; no server changes by it',
  'checks-unhindered': 'a cause that kept checks from a verdict has been over for some seconds',
  'director-isolated':
    'all checks fail since about the same time: is it this machine? says what its links and routes say',
  'director-reaches': 'after that a check passes again',
  'worker-replaced': 'a thread that ran checks ended or did not answer; another goes on with them',
};
