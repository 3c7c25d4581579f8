/** Which check decides about which server. */

import { virtualOfFallbacks } from '../config/fallback-checks.js';
import { isSamePolicy, type Policy, policyOf, widest } from '../health/policy.js';
import { type CheckPaths, noPaths } from '../model/check-path.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import type { Check } from '../probes/probe.js';
import { type AgentQuestion, agentQuestionsOf } from './agent-question.js';
import { checksOf, type PathTo, type Settled, settle } from './check.js';
import { pathOf } from './paths.js';

export interface Assignment {
  readonly virtual: Virtual;
  readonly real: RealServer;
  /** Key of the deciding check, or the health that needs none and why. */
  readonly decidedBy: { readonly check: string } | Settled;
}

/** What is wanted of a check's results. */
export interface Interest {
  /** By which it is judged what is news. */
  readonly policy: Policy;
  /** Whether every result is wanted. */
  readonly every: boolean;
  /** How many times less often than otherwise it is run; absent is as often. */
  readonly slower?: number;
}

/** A check, and what is wanted of its results. */
export interface Watch {
  readonly check: Check;
  readonly interest: Interest;
}

export interface Assignments {
  /** Each check once, however many servers of however many virtuals it decides about. */
  readonly checks: ReadonlyMap<string, Watch>;
  readonly servers: readonly Assignment[];
  /** Questions to agents, each once, by key: none of them decides about a server. */
  readonly agents: ReadonlyMap<string, AgentQuestion>;
}

export function* assign({ virtuals }: Config, paths: CheckPaths = noPaths): Generator<undefined, Assignments> {
  const pathTo: PathTo = (virtual, real) => pathOf(paths, virtual, real);
  const checks = new Map<string, Watch>();
  const servers: Assignment[] = [];
  const agents = new Map<string, AgentQuestion>();
  const assignAll = (virtual: Virtual, reals: readonly RealServer[], without: Settled | null): void => {
    const checkOf = checksOf(virtual, pathTo);
    const interest: Interest = { policy: policyOf(virtual), every: virtual.monitorfile !== null };
    for (const real of reals) {
      const keyed = without === null ? checkOf(real) : null;
      if (keyed === null) {
        servers.push({ virtual, real, decidedBy: withoutCheck(real, without) });
        continue;
      }
      const { key, check } = keyed;
      checks.set(key, { check, interest: both(interest, checks.get(key)?.interest) });
      servers.push({ virtual, real, decidedBy: { check: key } });
    }
  };
  for (const virtual of virtuals) {
    assignAll(virtual, virtual.realServers, settle(virtual));
    const questionOf = agentQuestionsOf(virtual);
    for (const real of virtual.agent === null ? [] : virtual.realServers) {
      const question = questionOf(real);
      if (question !== null) agents.set(question.key, question);
    }
    const seen = virtualOfFallbacks(virtual);
    if (seen !== null) assignAll(seen, seen.fallbacks, settleFallbacks(seen));
    yield;
  }
  return { checks, servers, agents };
}

/** Where nothing is asked, `checktype=off` takes out the real servers alone. */
function settleFallbacks(seen: Virtual): Settled | null {
  const settled = settle(seen);
  return settled && { ...settled, up: true };
}

function withoutCheck({ host }: RealServer, without: Settled | null): Settled {
  if (host.address !== null && without !== null) return without;
  return { up: false, reason: host.unresolved ?? 'its name is not resolved yet' };
}

/** What all virtuals that share a check want of it. The first where that is enough: one object for thousands of checks. */
function both(one: Interest, other: Interest = one): Interest {
  const policy = widest(one.policy, other.policy);
  const every = one.every || other.every;
  return policy === one.policy && every === one.every ? one : { policy, every };
}

export function isSameInterest(one: Interest, other: Interest): boolean {
  return one.every === other.every && one.slower === other.slower && isSamePolicy(one.policy, other.policy);
}
