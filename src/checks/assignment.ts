/** Which check decides about which server. */

import { virtualOfFallbacks } from '../config/fallback-checks.js';
import { isSamePolicy, type Policy, policyOf, widest } from '../health/policy.js';
import { type CheckPaths, noPaths } from '../model/check-path.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { revise } from '../model/revised.js';
import { spanIn } from '../model/section-span.js';
import { keyOfVirtual } from '../model/subject.js';
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
  /** Under the keys of checks among which all are that are new: of a hundred thousand no set is made. */
  readonly added: Pick<ReadonlyMap<string, Watch>, 'has' | 'keys' | 'size'>;
  /** Of all virtual services; but for those that are not among `others`, where only these are other ones. */
  readonly servers: readonly Assignment[];
  /** Keys of the virtual services that are new, or other ones than before, or gone; null is any. */
  readonly others: ReadonlySet<string> | null;
  /** Questions to agents, each once, by key: none of them decides about a server. */
  readonly agents: ReadonlyMap<string, AgentQuestion>;
}

/** A configuration that rules, and what was assigned in it. */
export interface AssignedBefore {
  readonly config: Config;
  readonly checks: ReadonlyMap<string, Watch>;
  readonly agents: Assignments['agents'];
  readonly members: {
    /** Whose health a check decides about. */
    readonly decidedBy: (check: string) => readonly Assignment[];
    /** The servers of the virtual services with this key. */
    readonly inVirtual: (key: string) => readonly Assignment[];
  };
}

/** What was assigned `before` stays as it is where the virtual service is the same object. */
export function* assign(
  config: Config,
  paths: CheckPaths = noPaths,
  before: AssignedBefore | null = null,
): Generator<undefined, Assignments> {
  const { came, gone, keys } =
    before === null ? { came: config.virtuals, gone: [], keys: null } : otherVirtuals(before.config, config);
  const pathTo: PathTo = (virtual, real) => pathOf(paths, virtual, real);
  const checks = new Map<string, Watch>();
  const servers: Assignment[] = [];
  const assignAll = (virtual: Virtual, reals: readonly RealServer[], without: Settled | null): void => {
    const checkOf = checksOf(virtual, pathTo);
    const interest = interestOf(virtual);
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
  for (const virtual of came) {
    assignAll(virtual, virtual.realServers, settle(virtual));
    const seen = virtualOfFallbacks(virtual);
    if (seen !== null) assignAll(seen, seen.fallbacks, settleFallbacks(seen));
    yield;
  }
  const areAgentsOther = [...came, ...gone].some(({ agent }) => agent !== null);
  const agents = before === null || areAgentsOther ? yield* agentsIn(config) : before.agents;
  if (before === null || keys === null) return { checks, added: checks, servers, others: null, agents };
  return {
    checks: yield* reviseChecks(before, config, keys, checks, servers),
    added: checks,
    servers,
    others: keys,
    agents,
  };
}

/** Virtuals that are no part of the configuration before, and the keys of all that are other ones now, or gone. */
function otherVirtuals(
  before: Config,
  after: Config,
): { readonly came: readonly Virtual[]; readonly gone: readonly Virtual[]; readonly keys: Set<string> } {
  const [was, is] = [new Set(before.virtuals), new Set(after.virtuals)];
  // A path that was given to another one can be this one's now.
  const isOther = (virtual: Virtual, others: ReadonlySet<Virtual>): boolean =>
    !others.has(virtual) || virtual.checkpath !== 'direct';
  const came = after.virtuals.filter((virtual) => isOther(virtual, was));
  const gone = before.virtuals.filter((virtual) => isOther(virtual, is));
  const keys = new Set([...came, ...gone].map(keyOfVirtual));
  // Of two that are one to the kernel the servers are known together.
  const all = keys.size === 0 ? came : after.virtuals.filter((virtual) => keys.has(keyOfVirtual(virtual)));
  return { came: all, gone, keys };
}

/** The checks as they were, but for those that decide about `servers` of these virtuals, or did; `own` are theirs now. */
function* reviseChecks(
  { checks, members }: AssignedBefore,
  config: Config,
  keys: ReadonlySet<string>,
  own: ReadonlyMap<string, Watch>,
  servers: readonly Assignment[],
): Generator<undefined, ReadonlyMap<string, Watch>> {
  const changes = new Map<string, Watch | undefined>();
  const open = new Set(own.keys());
  const asking = new Map<string, Virtual[]>();
  for (const { virtual, decidedBy } of servers) {
    if (!('check' in decidedBy)) continue;
    const all = asking.get(decidedBy.check) ?? [];
    asking.set(decidedBy.check, all);
    if (all.at(-1) !== virtual) all.push(virtual);
  }
  for (const key of keys) {
    for (const { decidedBy } of members.inVirtual(key)) if ('check' in decidedBy) open.add(decidedBy.check);
  }
  for (const key of open) {
    const [watch, known] = [own.get(key), checks.get(key)];
    const others = members.decidedBy(key).flatMap(({ virtual }) => (keys.has(keyOfVirtual(virtual)) ? [] : [virtual]));
    // In the order of the file, as all are gone through.
    const all = [...others, ...(asking.get(key) ?? [])].toSorted(
      (a, b) => spanIn(config, a).line - spanIn(config, b).line,
    );
    const interest = all.reduce<Interest | undefined>((earlier, one) => both(interestOf(one), earlier), undefined);
    const check = watch?.check ?? known?.check;
    if (interest === undefined || check === undefined) changes.set(key, undefined);
    else if (known === undefined || !isSameInterest(interest, known.interest)) changes.set(key, { check, interest });
    yield;
  }
  return revise(checks, changes);
}

function* agentsIn({ virtuals }: Config): Generator<undefined, ReadonlyMap<string, AgentQuestion>> {
  const agents = new Map<string, AgentQuestion>();
  for (const virtual of virtuals) {
    if (virtual.agent === null) continue;
    for (const question of agentsOf(virtual)) agents.set(question.key, question);
    yield;
  }
  return agents;
}

/** What is asked of the agents of a virtual, whichever configurations it is a part of. */
const asked = new WeakMap<Virtual, readonly AgentQuestion[]>();

function agentsOf(virtual: Virtual): readonly AgentQuestion[] {
  const known = asked.get(virtual);
  if (known !== undefined) return known;
  const questions = virtual.realServers.map(agentQuestionsOf(virtual)).filter((question) => question !== null);
  asked.set(virtual, questions);
  return questions;
}

function interestOf(virtual: Virtual): Interest {
  return { policy: policyOf(virtual), every: virtual.monitorfile !== null };
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
