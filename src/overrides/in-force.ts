/** Which servers are overridden at a moment, and how: a question to values and to the time alone. */

import type { Agents } from '../model/agent.js';
import type { AgentWeight } from '../model/agent-word.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import { type Origin, plainOrigin, unknownOrigin } from '../model/origin.js';
import {
  earlier,
  type Hold,
  type HoldBy,
  type InForce,
  nobodyOverridden,
  type Override,
  type WeightOverride,
} from '../model/override.js';
import { revise } from '../model/revised.js';
import { type AgentHold, type AskedByAgent, askedByAgent } from './by-agent.js';
import { ByHandIndex, nextEnd, standing } from './by-hand.js';
import type { Note } from './drain-files.js';
import { anyCalled, namesOf } from './server-names.js';
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

/** What is asked at a moment, before it is asked of single servers. */
interface Moment extends Omit<Overrides, 'byHand' | 'ending'> {
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly byHand: readonly Override[];
  readonly drains: ByHandIndex;
  readonly weights: ByHandIndex;
  readonly open: readonly Window[];
  /** Whether anything is asked by hand for a server that is called so: of most nothing is. */
  readonly isByHand: (real: RealServer) => boolean;
}

function momentOf({ byHand, ...overrides }: Overrides, now: number): Moment {
  const asked = standing(byHand, now);
  const open = overrides.windows.filter(({ isOpen }) => isOpen(now));
  const [drains, weights] = [new ByHandIndex(asked, 'drain'), new ByHandIndex(asked, 'weight')];
  const isByHand = asked.length === 0 ? () => false : anyCalled(asked.map(({ server }) => server));
  return { ...overrides, now, byHand: asked, drains, weights, open, isByHand };
}

/** Of the servers of one virtual. */
interface Found {
  readonly held: [RealServer, Hold][];
  readonly weights: [RealServer, WeightOverride][];
  readonly shares: [RealServer, AgentWeight][];
  readonly resting: RealServer[];
  agentEnd: number | null;
}

/**
 * `now` in milliseconds since 1970. A file goes before what is asked by hand, that before a window, and that before the
 * server's agent.
 */
export function overridesInForce({ virtuals }: Config, overrides: Overrides, now: number): InForce {
  return reviseInForce(nobodyOverridden, virtuals, overrides, now);
}

/** The same where all others than the servers of these virtuals are asked for what they were: `before` says what. */
export function reviseInForce(
  before: InForce,
  virtuals: Iterable<Virtual>,
  overrides: Overrides,
  now: number,
): InForce {
  const moment = momentOf(overrides, now);
  const held = new Map<RealServer, Hold | undefined>();
  const weights = new Map<RealServer, WeightOverride | undefined>();
  const shares = new Map<RealServer, AgentWeight | undefined>();
  const agentEnds = new Map<Virtual, number | undefined>();
  const rest = new Map<RealServer, boolean>();
  const wasAsked = before.held.size + before.weights.size + before.shares.size + before.resting.size > 0;
  for (const virtual of virtuals) {
    for (const real of wasAsked ? virtual.realServers : []) {
      if (before.held.has(real)) held.set(real, undefined);
      if (before.weights.has(real)) weights.set(real, undefined);
      if (before.shares.has(real)) shares.set(real, undefined);
      if (before.resting.has(real)) rest.set(real, false);
    }
    if (before.agentEnds.has(virtual)) agentEnds.set(virtual, undefined);
    const found = foundIn(virtual, moment);
    if (found === null) continue;
    for (const [real, hold] of found.held) held.set(real, hold);
    for (const [real, weight] of found.weights) weights.set(real, weight);
    for (const [real, share] of found.shares) shares.set(real, share);
    for (const real of found.resting) rest.set(real, true);
    if (found.agentEnd !== null) agentEnds.set(virtual, found.agentEnd);
  }
  const ends = revise(before.agentEnds, agentEnds);
  const ahead = aheadOf(moment, ends);
  const changes = [held, weights, shares, agentEnds, rest];
  if (changes.every(({ size }) => size === 0) && ahead.windows === before.windows) return { ...before, ...ahead };
  return {
    held: revise(before.held, held),
    weights: revise(before.weights, weights),
    shares: revise(before.shares, shares),
    resting: withRest(before.resting, rest),
    agentEnds: ends,
    ...ahead,
  };
}

function withRest(before: ReadonlySet<RealServer>, rest: ReadonlyMap<RealServer, boolean>): ReadonlySet<RealServer> {
  if ([...rest].every(([real, rests]) => before.has(real) === rests)) return before;
  const resting = new Set(before);
  for (const [real, rests] of rest) {
    if (rests) resting.add(real);
    else resting.delete(real);
  }
  return resting;
}

function aheadOf(
  { byHand, windows, open, now }: Moment,
  agentEnds: InForce['agentEnds'],
): Pick<InForce, 'windows' | 'nextChange'> {
  const ends = [...windows.map((window) => window.nextChange(now)), ...agentEnds.values()];
  return { windows: textOf(open, now), nextChange: ends.reduce(earlier, nextEnd(byHand)) };
}

/** Which windows are open, and what they ask. */
export function windowsAt({ windows }: Overrides, now: number): string {
  return textOf(
    windows.filter(({ isOpen }) => isOpen(now)),
    now,
  );
}

function textOf(open: readonly Window[], now: number): string {
  if (open.length === 0) return '';
  const words = open.map((window) => [
    window.openSince(now),
    window.name,
    window.reason,
    window.server,
    window.virtual,
  ]);
  return JSON.stringify(words);
}

function mayAsk({ open, files, drains, weights, agents }: Moment): boolean {
  return open.length > 0 || files.names.size > 0 || !drains.isEmpty || !weights.isEmpty || agents.size > 0;
}

/** Null where nothing is asked for any. */
function foundIn(virtual: Virtual, moment: Moment): Found | null {
  if (!mayAsk(moment)) return null;
  let found: Found | null = null;
  const needed = (): Found => {
    found ??= { held: [], weights: [], shares: [], resting: [], agentEnd: null };
    return found;
  };
  for (const real of virtual.realServers) {
    const asked = askedByAgent(virtual, real, moment.agents, moment.now);
    const hold = holdOf(virtual, real, moment, asked);
    if (hold !== null) needed().held.push([real, hold]);
    const weight = moment.isByHand(real) ? moment.weights.of(virtual, real) : undefined;
    if (weight !== undefined) {
      needed().weights.push([real, { weight: weight.weight, until: weight.until, ...plainOrigin(weight) }]);
    }
    if (asked === null) continue;
    if (asked.weight !== null) needed().shares.push([real, asked.weight]);
    if (asked.rests) needed().resting.push(real);
    if (asked.until !== null) needed().agentEnd = earlier(needed().agentEnd, asked.until);
  }
  return found;
}

function holdOf(virtual: Virtual, real: RealServer, moment: Moment, asked: AskedByAgent | null): Hold | null {
  const { files, aliasesOf, persistsAtZero, drains, open, now } = moment;
  const file = fileOf(real, files, aliasesOf);
  if (file !== undefined) return heldBy(file, files, virtual, persistsAtZero);
  const drain = moment.isByHand(real) ? drains.of(virtual, real) : undefined;
  if (drain !== undefined) return drainOf('hand', virtual, drainedByHand, drain, persistsAtZero);
  const window = open.find((some) => concerns(some, virtual, real));
  if (window !== undefined) {
    const origin = { who: null, since: window.openSince(now), why: window.reason };
    return drainOf('window', virtual, `window ${window.name}`, origin, persistsAtZero);
  }
  const hold = asked?.hold ?? null;
  return hold === null ? null : heldByAgent(hold, virtual, persistsAtZero);
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
