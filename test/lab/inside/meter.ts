/**
 * What clients notice of what is done to directors: a steady stream of requests, fifty a second if nothing else is said,
 * and long connections that were there before. Real servers are `line-server`s.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Peer } from './peer.js';

export type MeterOrder = 'open' | 'begin' | 'end';

export interface Request {
  /** When it began, in milliseconds of Date.now(). */
  readonly at: number;
  /** Why it failed; null where it did not. */
  readonly failure: string | null;
}

export interface LongConnections {
  readonly opened: number;
  /** Those that are answered still in the end. */
  readonly survived: number;
  /** Milliseconds that one of these waited for an answer, at most. */
  readonly longestWait: number;
}

export interface Measured {
  readonly requests: number;
  readonly failed: number;
  /** Milliseconds from the last request before that went well to the first one after, at most; 0 where none failed. */
  readonly gap: number;
  /** How often which failure was. */
  readonly failures: Readonly<Record<string, number>>;
  readonly long: LongConnections;
}

export interface MeterOptions {
  /** The namespace of the client. */
  readonly namespace: string | null;
  readonly host: string;
  readonly port: number;
  /** Long ones. */
  readonly connections?: number;
  /** Milliseconds between two requests of the stream, and between two questions over a long connection. */
  readonly pace?: number;
  readonly rest?: number;
}

/** Milliseconds for what was asked last to be answered, or given up. */
const patience = 120_000;

export class Meter {
  readonly #peer: Peer;
  readonly #connections: number;

  private constructor(peer: Peer, connections: number) {
    this.#peer = peer;
    this.#connections = connections;
  }

  static async start(t: TestContext, options: MeterOptions): Promise<Meter> {
    const { namespace, host, port, connections = 100, pace = 20, rest = 1_000 } = options;
    const args = [host, ...[port, connections, pace, rest].map(String)];
    return new Meter(await Peer.start(t, namespace, 'meter-client', ...args), connections);
  }

  /** Opens the long connections, which all have to come to stand, and measures while the work goes on. */
  async during(work: () => Promise<void>): Promise<Measured> {
    assert.equal(await this.#peer.ask('open'), this.#connections, 'all long connections are open');
    await this.#peer.ask('begin');
    let told: unknown;
    try {
      await work();
    } finally {
      told = await this.#peer.ask('end', patience);
    }
    const { requests, long } = told as { readonly requests: readonly Request[]; readonly long: LongConnections };
    return { ...measure(requests), long };
  }
}

/** Milliseconds that things go on before and after what is measured. */
export const calm = 1_000;

/** What clients notice of the work, told as a row of a table. */
export async function measured(
  t: TestContext,
  what: string,
  meter: Meter,
  work: () => Promise<unknown>,
): Promise<Measured> {
  const found = await meter.during(async () => {
    await sleep(calm);
    await work();
    await sleep(calm);
  });
  t.diagnostic(`${what}: ${measuredText(found)}`);
  return found;
}

/** Requests in the order in which they began. */
export function measure(requests: readonly Request[]): Omit<Measured, 'long'> {
  const failures: Record<string, number> = {};
  let failed = 0;
  let gap = 0;
  let lastWell = requests[0]?.at ?? 0;
  let isBroken = false;
  for (const { at, failure } of requests) {
    if (failure === null) {
      if (isBroken) gap = Math.max(gap, at - lastWell);
      lastWell = at;
      isBroken = false;
    } else {
      failures[failure] = (failures[failure] ?? 0) + 1;
      failed += 1;
      isBroken = true;
    }
  }
  if (isBroken) gap = Math.max(gap, (requests.at(-1)?.at ?? 0) - lastWell);
  return { requests: requests.length, failed, gap, failures };
}

/** A row of a table, for people. */
export function measuredText({ requests, failed, gap, failures, long }: Measured): string {
  const why = Object.entries(failures).map(([failure, times]) => `${failure} ×${times}`);
  const reasons = why.length === 0 ? '' : ` (${why.join(', ')})`;
  const connections = `${long.survived} of ${long.opened} long connections live, longest wait ${long.longestWait} ms`;
  return `${failed} of ${requests} requests failed${reasons}, longest gap ${gap} ms; ${connections}`;
}
