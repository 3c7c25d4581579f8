/** What people, files and schedules ask for real servers, whatever their checks say; and what that makes of each. */

import type { AgentWeight } from './agent-word.js';
import type { RealServer, Virtual } from './config.js';
import type { Origin } from './origin.js';

/** Asked by hand. */
export interface Override extends Origin {
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

/** Who asks for it: a person over the control socket or a page, a file, a window of time, or the server's own agent. */
export type HoldBy = 'hand' | 'file' | 'window' | 'agent';

/** Why a real server is out of use, whatever its checks say. */
export interface Hold extends Origin {
  readonly by: HoldBy;
  /**
   * `drain` keeps it at weight 0 whatever its checks say, so that its connections can end; `drain-while-up` does while
   * they pass; `down`, and what is drained no longer, is as `quiescent` says.
   */
  readonly how: 'down' | 'drain' | 'drain-while-up';
  /** By what: `drained by hand`, `window night`. */
  readonly reason: string;
  /** What it does not do, or null. */
  readonly note: string | null;
}

/** Another weight than the file's. */
export interface WeightOverride extends Origin {
  readonly weight: number;
  /** When it ends by itself, in milliseconds since 1970; null is never. */
  readonly until: number | null;
}

/** Who is overridden at a moment: real servers that are held out, and other weights for those that are not. */
export interface InForce {
  readonly held: ReadonlyMap<RealServer, Hold>;
  readonly weights: ReadonlyMap<RealServer, WeightOverride>;
  readonly shares: ReadonlyMap<RealServer, AgentWeight>;
  /** Those that are not to be checked, since their agents say so. */
  readonly resting: ReadonlySet<RealServer>;
  /** Of virtuals, when something that an agent said there counts no more by itself, in milliseconds since 1970. */
  readonly agentEnds: ReadonlyMap<Virtual, number>;
  /** Which windows of time are open, and since when, as a text to compare. */
  readonly windows: string;
  /** When that may change by itself, in milliseconds since 1970; null is never. */
  readonly nextChange: number | null;
}

export const nobodyOverridden: InForce = {
  held: new Map(),
  weights: new Map(),
  shares: new Map(),
  resting: new Set(),
  agentEnds: new Map(),
  windows: '',
  nextChange: null,
};

/** By what it is held, with what is to be said behind that, and what it does not do. */
export function holdText({ reason, note }: Pick<Hold, 'reason' | 'note'>, behind = ''): string {
  return `${reason}${behind}${note === null ? '' : `; ${note}`}`;
}

/** Whether a real server is held at weight 0, at least while its checks pass. */
export function isDrained(hold: Hold | undefined): boolean {
  return hold !== undefined && hold.how !== 'down';
}

/**
 * Whether people, schedules or its agent have taken a real server out of use; weight 0 in the file is in use, as it
 * always was.
 */
export function isOut(real: RealServer, inForce: InForce): boolean {
  const { held, weights, shares } = inForce;
  if (held.has(real)) return true;
  if (!shares.has(real)) return weights.get(real)?.weight === 0;
  const { base, from, share } = weightInForce(real, inForce);
  return share === 0 || (from !== 'file' && base === 0);
}

/** What the weight of a real server is made of, before it grows. */
export interface WeightBase {
  readonly base: number;
  /** Whose word that is. */
  readonly from: 'file' | 'hand' | 'agent';
  /** How much of it the agent leaves, in percent. */
  readonly share: number;
}

/** What is set by hand goes before a weight that the agent names, and that before the file's; its share is of any. */
export function weightInForce(real: RealServer, { weights, shares }: InForce): WeightBase {
  const byHand = weights.get(real);
  const agent = shares.get(real);
  const share = agent !== undefined && 'percent' in agent ? agent.percent : 100;
  if (byHand !== undefined) return { base: byHand.weight, from: 'hand', share };
  if (agent !== undefined && 'weight' in agent) return { base: agent.weight, from: 'agent', share };
  return { base: real.weight, from: 'file', share };
}

/** The earlier of two moments, of which null is never. */
export function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
