/** What people, files and schedules ask for real servers, whatever their checks say; and what that makes of each. */

import type { RealServer } from './config.js';

/** Asked by hand. */
export interface Override {
  readonly kind: 'drain' | 'weight';
  /** As the configuration writes it, `web1.example.com:80`, so that it is the same one whatever its name resolves to. */
  readonly server: string;
  /** `ADDRESS:PORT` or a firewall mark; null is every virtual. */
  readonly virtual: string | null;
  /** Of `weight`; 0 of `drain`. */
  readonly weight: number;
  /** When it ends by itself, in milliseconds since 1970; null is never. */
  readonly until: number | null;
}

/** Why a real server is out of use, whatever its checks say. */
export interface Hold {
  /**
   * `drain` keeps it at weight 0 whatever its checks say, so that its connections can end; `drain-while-up` does while
   * they pass; `down`, and what is drained no longer, is as `quiescent` says.
   */
  readonly how: 'down' | 'drain' | 'drain-while-up';
  readonly reason: string;
}

/** Another weight than the file's. */
export interface WeightOverride {
  readonly weight: number;
  /** When it ends by itself, in milliseconds since 1970; null is never. */
  readonly until: number | null;
}

/** Who is overridden at a moment: real servers that are held out, and other weights for those that are not. */
export interface InForce {
  readonly held: ReadonlyMap<RealServer, Hold>;
  readonly weights: ReadonlyMap<RealServer, WeightOverride>;
  /** When that may change by itself, in milliseconds since 1970; null is never. */
  readonly nextChange: number | null;
}

export const nobodyOverridden: InForce = { held: new Map(), weights: new Map(), nextChange: null };

/** Whether a real server is held at weight 0, at least while its checks pass. */
export function isDrained(hold: Hold | undefined): boolean {
  return hold !== undefined && hold.how !== 'down';
}

/** Whether people or schedules have taken a real server out of use; weight 0 in the file is in use, as it always was. */
export function isOut(real: RealServer, { held, weights }: InForce): boolean {
  return held.has(real) || weights.get(real)?.weight === 0;
}

/** The earlier of two moments, of which null is never. */
export function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
