/** A probe asks one server once. Everything that it needs to know is in the Check. */

import type { CheckType, Family, HttpMethod, Pattern, Protocol, ServiceName } from '../config/model.js';

/** What to ask of whom. Plain data, so that it can travel to a worker thread. */
export interface Check {
  readonly type: Exclude<CheckType, 'on' | 'off'>;
  /** Connect checks between two negotiate checks where the type is `combined`. */
  readonly connects: number;
  readonly service: ServiceName;
  readonly protocol: Protocol;
  readonly family: Family;
  /** Address and port to ask: the check port where the file names one. */
  readonly address: string;
  readonly port: number;
  /** Milliseconds from one start to the next. */
  readonly interval: number;
  /** Milliseconds for connect, external and ping checks. */
  readonly checkTimeout: number;
  /** Milliseconds for negotiate checks. */
  readonly negotiateTimeout: number;
  /** How often a ping is sent before it counts as unanswered. */
  readonly checkcount: number;
  readonly request: string;
  readonly receive: Pattern | null;
  readonly httpmethod: HttpMethod;
  readonly virtualhost: string | null;
  readonly login: string;
  readonly passwd: string;
  readonly database: string;
  readonly secret: string;
  /** For external checks: the program, and virtual address or mark, virtual port, real address, real port. */
  readonly command: string;
  readonly args: readonly string[];
}

/** What came of it. A reason names the phase and the cause: `connect: refused (ECONNREFUSED)`. */
export interface Answer {
  readonly ok: boolean;
  readonly reason: string;
}

export interface ProbeResult extends Answer {
  /** Milliseconds. */
  readonly duration: number;
}

/**
 * Asks once. Settles soon after the signal aborts, at the latest; by then its sockets, timers and child
 * processes are gone. It rejects only where the probe itself is wrong.
 */
export type Probe = (check: Check, signal: AbortSignal) => Promise<Answer>;
