/** What a server's results say about it. Values in, values out: no clock, no socket. */

import type { Answer } from '../probes/probe.js';

export interface Health {
  readonly up: boolean;
  /** Whether a result decided it; until then it was read off the table or assumed. */
  readonly decided: boolean;
  /** Failures in a row. */
  readonly failures: number;
  /** What the last result said. */
  readonly reason: string;
}

export interface Policy {
  /** Failures in a row that take a server out, 1 or more. */
  readonly failurecount: number;
}

/**
 * What a result changed. `soft-failure` is a failure that did not yet take the server out, `recovered`
 * the success that ended soft failures. A first failure is `down` even where the server was assumed to be,
 * so that its reason is told.
 */
export type Transition = 'up' | 'down' | 'soft-failure' | 'recovered';

export interface Judgement {
  readonly health: Health;
  readonly transition: Transition | null;
}

/** A server without a result: up where it stood in the table with a weight, otherwise not. */
export function assumed(up: boolean): Health {
  return { up, decided: false, failures: 0, reason: 'not checked yet' };
}

/** A server that is not checked. */
export function settled(up: boolean, reason: string): Health {
  return { up, decided: true, failures: 0, reason };
}

/**
 * A first result decides alone; after that it takes `failurecount` failures in a row, or one success. No verdict
 * changes nothing.
 */
export function judge(before: Health, answer: Answer, policy: Policy): Judgement {
  if (answer.ok === null) return { health: before, transition: null };
  if (answer.ok) {
    return {
      health: { up: true, decided: true, failures: 0, reason: answer.reason },
      transition: !before.up ? 'up' : before.failures > 0 ? 'recovered' : null,
    };
  }
  const failures = before.failures + 1;
  const up = before.up && before.decided && failures < policy.failurecount;
  const told = before.decided && !before.up;
  return {
    health: { up, decided: true, failures, reason: answer.reason },
    transition: told ? null : up ? 'soft-failure' : 'down',
  };
}
