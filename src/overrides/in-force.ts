/** Which servers are overridden at a moment, and how: a question to values and to the time alone. */

import type { Agents } from '../model/agent.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { type Origin, plainOrigin, unknownOrigin } from '../model/origin.js';
import {
  earlier,
  type Hold,
  type HoldBy,
  type InForce,
  type Override,
  type WeightOverride,
} from '../model/override.js';
import { type AgentHold, askedByAgents, type ByAgent } from './by-agent.js';
import { ByHandIndex, nextEnd, standing } from './by-hand.js';
import type { Note } from './drain-files.js';
import { namesOf } from './server-names.js';
import { concerns, type Window } from './windows.js';

/** Everything that is asked for, whatever server it is about. */
export interface Overrides {
  /** Of these the last counts. */
  readonly byHand: readonly Override[];
  readonly windows: readonly Window[];
  readonly files: OverrideFiles;
  readonly agents: Agents;
  /** Names of an address in the DNS, as far as they are known. */
  readonly aliasesOf: (address: string) => readonly string[];
  /** Whether persistent clients are sent on to a server of weight 0. */
  readonly persistsAtZero: boolean;
  /** While somebody takes back what was asked for servers by hand. */
  readonly ending: Ending | null;
}

/** Who ends it, when and why, by the keys of the servers' subjects. */
export type Ending = ReadonlyMap<string, Origin>;

/** Whose word the end of something is that was in force for a server; of what ends by itself nobody knows. */
export function originOfEnd(server: string, ending: Ending | null): Origin {
  return ending?.get(server) ?? unknownOrigin;
}

/** The files of `maintenancedir`. */
export interface OverrideFiles {
  readonly directory: string | null;
  /** By their names in lower case, as host names are compared. */
  readonly names: ReadonlyMap<string, string>;
  /** What the files say, by their names as they stand there. */
  readonly notes: ReadonlyMap<string, Note>;
}

/** Nothing at all. */
export const nothingAsked: Overrides = {
  byHand: [],
  windows: [],
  files: { directory: null, names: new Map(), notes: new Map() },
  agents: new Map(),
  aliasesOf: () => [],
  persistsAtZero: false,
  ending: null,
};

const drainedByHand = 'drained by hand';

/**
 * `now` in milliseconds since 1970. A file goes before what is asked by hand, that before a window, and that before the
 * server's agent.
 */
export function overridesInForce(config: Config, overrides: Overrides, now: number): InForce {
  const byHand = standing(overrides.byHand, now);
  const byAgent = askedByAgents(config, overrides.agents, now);
  const ends = [
    ...overrides.windows.map((window) => window.nextChange(now)),
    ...[...byAgent.values()].map(({ until }) => until),
  ];
  return {
    held: heldAt(config, overrides, byHand, byAgent, now),
    weights: weightsOf(config, byHand),
    shares: new Map([...byAgent].flatMap(([real, { weight }]) => (weight === null ? [] : [[real, weight] as const]))),
    resting: new Set([...byAgent].flatMap(([real, { rests }]) => (rests ? real : []))),
    nextChange: ends.reduce(earlier, nextEnd(byHand)),
  };
}

function heldAt(
  { virtuals }: Config,
  { windows, files, aliasesOf, persistsAtZero }: Overrides,
  byHand: readonly Override[],
  byAgent: ByAgent,
  now: number,
): InForce['held'] {
  const open = windows.filter(({ isOpen }) => isOpen(now));
  const drains = new ByHandIndex(byHand, 'drain');
  const held = new Map<RealServer, Hold>();
  if (open.length === 0 && files.names.size === 0 && drains.isEmpty && byAgent.size === 0) return held;
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      const file = fileOf(real, files, aliasesOf);
      if (file !== undefined) {
        held.set(real, heldBy(file, files, virtual, persistsAtZero));
        continue;
      }
      const drain = drains.of(virtual, real);
      if (drain !== undefined) {
        held.set(real, drainOf('hand', virtual, drainedByHand, drain, persistsAtZero));
        continue;
      }
      const window = open.find((some) => concerns(some, virtual, real));
      if (window !== undefined) {
        const origin = { who: null, since: window.openSince(now), why: window.reason };
        held.set(real, drainOf('window', virtual, `window ${window.name}`, origin, persistsAtZero));
        continue;
      }
      const hold = byAgent.get(real)?.hold ?? null;
      if (hold !== null) held.set(real, heldByAgent(hold, virtual, persistsAtZero));
    }
  }
  return held;
}

/** Its name, as it stands in the directory. */
function fileOf(real: RealServer, { names }: OverrideFiles, aliasesOf: Overrides['aliasesOf']): string | undefined {
  if (names.size === 0) return undefined;
  const own = namesOf(real).find((name) => names.has(name));
  if (own !== undefined) return names.get(own);
  const aliases = real.host.address === null ? [] : aliasesOf(real.host.address);
  const alias = aliases.length === 0 ? undefined : namesOf(real, aliases).find((name) => names.has(name));
  return alias === undefined ? undefined : names.get(alias);
}

function heldBy(file: string, { directory, notes }: OverrideFiles, virtual: Virtual, persistsAtZero: boolean): Hold {
  const reason = `file ${file} in ${directory}`;
  const note = notes.get(file);
  if (note?.isDrain) return drainOf('file', virtual, `${drainedByHand}, ${reason}`, note, persistsAtZero);
  return { by: 'file', how: 'down', reason, note: null, ...plainOrigin(note ?? unknownOrigin) };
}

function heldByAgent({ how, reason, origin }: AgentHold, virtual: Virtual, persistsAtZero: boolean): Hold {
  if (how === 'drain') return drainOf('agent', virtual, reason, origin, persistsAtZero);
  return { by: 'agent', how, reason, note: null, ...origin };
}

/**
 * Clients that are sent on to a server of weight 0 would be sent to one that is dead: persistent ones, and those of UDP
 * that keep their port. Such a drain ends with the checks.
 */
function drainOf(by: HoldBy, virtual: Virtual, reason: string, asked: Origin, persistsAtZero: boolean): Hold {
  const origin = plainOrigin(asked);
  if (virtual.persistent !== null && persistsAtZero) {
    return { by, how: 'drain-while-up', reason, note: 'its persistent clients still come', ...origin };
  }
  const how = virtual.endpoint.protocol === 'udp' ? 'drain-while-up' : 'drain';
  return { by, how, reason, note: null, ...origin };
}

function weightsOf({ virtuals }: Config, byHand: readonly Override[]): InForce['weights'] {
  const asked = new ByHandIndex(byHand, 'weight');
  const weights = new Map<RealServer, WeightOverride>();
  if (asked.isEmpty) return weights;
  for (const virtual of virtuals) {
    for (const real of virtual.realServers) {
      const found = asked.of(virtual, real);
      if (found) weights.set(real, { weight: found.weight, until: found.until, ...plainOrigin(found) });
    }
  }
  return weights;
}

/**
 * The addresses whose names in the DNS are worth asking for: all, where a file is no server's by its address or by the
 * name that the configuration writes; otherwise none.
 */
export function addressesToName({ virtuals }: Config, { names }: OverrideFiles): ReadonlySet<string> {
  const addresses = new Set<string>();
  if (names.size === 0) return addresses;
  const claimed = new Set<string>();
  for (const { realServers } of virtuals) {
    for (const real of realServers) {
      if (real.host.address !== null) addresses.add(real.host.address);
      for (const name of namesOf(real)) if (names.has(name)) claimed.add(name);
    }
  }
  return claimed.size === names.size ? new Set() : addresses;
}
