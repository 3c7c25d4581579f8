/** Of which servers something else may be asked than before: a drain of one is a question about that one alone. */

import type { Agent, Agents } from '../model/agent.js';
import { agentNameOf } from '../model/agent.js';
import type { Config, RealServer, Virtual } from '../model/config.js';
import type { InForce, Override } from '../model/override.js';
import { standing } from './by-hand.js';
import { calledIn } from './called-virtuals.js';
import type { Note } from './drain-files.js';
import { type OverrideFiles, type Overrides, windowsAt } from './in-force.js';
import { anyCalled } from './server-names.js';

/** What was asked at a moment before, in milliseconds since 1970. */
export interface AskedBefore {
  readonly config: Config;
  readonly overrides: Overrides;
  readonly at: number;
  readonly inForce: InForce;
}

/** The virtuals in which some servers are; null is any. */
export function askedAnew(before: AskedBefore, overrides: Overrides, now: number): ReadonlySet<Virtual> | null {
  const { config, overrides: was, at, inForce } = before;
  if (now < at || overrides.persistsAtZero !== was.persistsAtZero) return null;
  if (windowsAt(overrides, now) !== inForce.windows) return null;
  const { files } = overrides;
  if (overrides.aliasesOf !== was.aliasesOf && files.names.size > 0) return null;
  const byHand = differing(standing(was.byHand, at), standing(overrides.byHand, now));
  const byFile = files === was.files ? nothing : differingFiles(was.files, files);
  if (byHand === null || byFile === null) return null;
  const found = new Set<Virtual>(byHand.length === 0 ? [] : calledIn(config, byHand));
  if (byFile.length > 0) {
    const isMeant = anyCalled(byFile);
    for (const virtual of config.virtuals) {
      // A file can mean a server by its names in the DNS, too; what that said of it is not known any more once no file needs it.
      const isOne = (real: RealServer): boolean =>
        isMeant(real, overrides.aliasesOf(real.host.address ?? '')) || inForce.held.get(real)?.by === 'file';
      if (virtual.realServers.some(isOne)) found.add(virtual);
    }
  }
  if (overrides.agents !== was.agents) {
    for (const name of differingAgents(was.agents, overrides.agents)) {
      for (const virtual of virtualsByAgent(config).get(name) ?? []) found.add(virtual);
    }
  }
  for (const [virtual, end] of inForce.agentEnds) if (end <= now) found.add(virtual);
  return found;
}

const nothing: readonly string[] = [];

/** What the servers are called of whom something else is asked; null where the order, in which the last counts, is another. */
function differing(was: readonly Override[], now: readonly Override[]): readonly string[] | null {
  if (was === now) return nothing;
  const [before, after] = [new Set(was), new Set(now)];
  const stayed = now.filter((one) => before.has(one));
  const left = was.filter((one) => after.has(one));
  if (left.some((one, index) => one !== stayed[index])) return null;
  const others = [...was.filter((one) => !after.has(one)), ...now.filter((one) => !before.has(one))];
  return others.map(({ server }) => server);
}

function differingFiles(was: OverrideFiles, now: OverrideFiles): readonly string[] | null {
  if (was.directory !== now.directory) return null;
  const names = new Set([...was.names.keys(), ...now.names.keys()]);
  return [...names].filter((name) => {
    const [before, after] = [was.names.get(name), now.names.get(name)];
    return before !== after || !isSameNote(was.notes.get(before ?? ''), now.notes.get(after ?? ''));
  });
}

function isSameNote(one: Note | undefined, other: Note | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.isDrain === other.isDrain && one.who === other.who && one.since === other.since && one.why === other.why;
}

function differingAgents(was: Agents, now: Agents): string[] {
  const names: string[] = [];
  const note = (name: string, agent: Agent, other: Agent | undefined): void => {
    if (agent !== other) names.push(name);
  };
  for (const [name, agent] of now) note(name, agent, was.get(name));
  for (const name of was.keys()) if (!now.has(name)) names.push(name);
  return names;
}

const byAgent = new WeakMap<Config, ReadonlyMap<string, readonly Virtual[]>>();

/** Those in which a server has this agent: looked for once in a configuration, and in none without agents. */
function virtualsByAgent(config: Config): ReadonlyMap<string, readonly Virtual[]> {
  const known = byAgent.get(config);
  if (known !== undefined) return known;
  const found = new Map<string, Virtual[]>();
  for (const virtual of config.virtuals) {
    const names = new Set(virtual.agent === null ? [] : virtual.realServers.map((real) => agentNameOf(virtual, real)));
    for (const name of names) {
      if (name === null) continue;
      const others = found.get(name);
      if (others) others.push(virtual);
      else found.set(name, [virtual]);
    }
  }
  byAgent.set(config, found);
  return found;
}
