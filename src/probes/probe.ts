/** A probe asks one server once. Everything that it needs to know is in the Check. */

import type { CheckType, Pattern, Protocol, Virtual } from '../config/model.js';

/** What a check takes from its virtual as it is. */
type Taken =
  | 'connects'
  | 'service'
  | 'family'
  | 'checkcount'
  | 'httpmethod'
  | 'virtualhost'
  | 'login'
  | 'passwd'
  | 'database'
  | 'secret';

/** What to ask of whom. Plain data, so that it can travel to a worker thread. */
export interface Check extends Readonly<Pick<Virtual, Taken>> {
  readonly type: Exclude<CheckType, 'on' | 'off'>;
  readonly protocol: Protocol;
  /** Address and port to ask: the check port where the file names one. */
  readonly address: string;
  readonly port: number;
  /** Milliseconds from one start to the next. */
  readonly interval: number;
  /** Milliseconds for connect, external and ping checks. */
  readonly checkTimeout: number;
  /** Milliseconds for negotiate checks. */
  readonly negotiateTimeout: number;
  /** The real server's own, or the virtual's. */
  readonly request: string;
  readonly receive: Pattern | null;
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
