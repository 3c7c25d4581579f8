/** Since when servers are in their states, from one run to the next. */

import type { Keepsake } from '../kept/keepsake.js';
import type { Work } from '../slices.js';
import { type ServerState, serverStates } from './model.js';
import type { Remembered, StateTimes } from './state-times.js';

/** Servers that are recalled: several times the largest known configuration. */
const most = 200_000;

export class KeptTimes implements Keepsake {
  readonly name = 'since';
  readonly format = 1;
  readonly end = null;
  readonly #times: StateTimes;

  constructor(times: StateTimes) {
    this.#times = times;
  }

  /** Of a server the last line counts. */
  *recall(lines: readonly string[]): Work<number> {
    const before = new Map<string, Remembered>();
    let lost = 0;
    for (const line of lines) {
      yield;
      const found = readLine(line);
      if (found === null) lost += 1;
      else if (before.size < most || before.has(found[0])) before.set(...found);
    }
    this.#times.recall(before);
    return lost;
  }

  *all(): Work<readonly string[]> {
    return yield* linesOf(yield* this.#times.remembered('all'));
  }

  *news(): Work<readonly string[]> {
    return yield* linesOf(yield* this.#times.remembered('changed'));
  }
}

function* linesOf(servers: ReadonlyMap<string, Remembered>): Work<string[]> {
  const lines: string[] = [];
  for (const [key, { state, since, health, healthSince }] of servers) {
    lines.push(JSON.stringify([key, state, since, health, healthSince]));
    yield;
  }
  return lines;
}

function readLine(line: string): [string, Remembered] | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const [key, state, since, health, healthSince] = value as unknown[];
  if (typeof key !== 'string' || !isState(state) || !isState(health)) return null;
  return isTime(since) && isTime(healthSince) ? [key, { state, since, health, healthSince }] : null;
}

function isState(value: unknown): value is ServerState {
  return serverStates.includes(value as ServerState);
}

/** Above 0, which stands for none. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
