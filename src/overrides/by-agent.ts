/** What feedback agents ask for their servers at a moment. */

import { type Agent, type Agents, agentNameOf } from '../model/agent.js';
import { type AgentWeight, outWord } from '../model/agent-word.js';
import type { RealServer, Virtual } from '../model/config.js';
import type { Origin } from '../model/origin.js';

/** That it takes its server out. */
export interface AgentHold {
  readonly how: 'down' | 'drain';
  readonly reason: string;
  readonly origin: Origin;
}

export interface AskedByAgent {
  /** Null where it leaves its server in. */
  readonly hold: AgentHold | null;
  /** What becomes of the weight; null is nothing. */
  readonly weight: AgentWeight | null;
  /** Whether the checks of the server are not to be run. */
  readonly rests: boolean;
  /** When it counts no more, in milliseconds since 1970, unless the agent answers before; null is never. */
  readonly until: number | null;
}

/** Of a real server whose agent has said something that counts at `now`, in milliseconds since 1970; null of others. */
export function askedByAgent(virtual: Virtual, real: RealServer, agents: Agents, now: number): AskedByAgent | null {
  if (virtual.agent === null || agents.size === 0) return null;
  return askedBy(agents.get(agentNameOf(virtual, real) ?? ''), virtual, now);
}

function askedBy(agent: Agent | undefined, virtual: Virtual, now: number): AskedByAgent | null {
  if (agent === undefined || agent.said === null) return null;
  const until = agentEnd(agent, virtual);
  if (until !== null && until <= now) return null;
  const { share, admin } = agent.word;
  return { hold: holdBy(agent), weight: share, rests: admin === 'maint', until };
}

function holdBy({ word, outSince }: Agent): AgentHold | null {
  const said = outWord(word);
  if (said === null) return null;
  const how = said === 'down' || said === 'maint' ? 'down' : 'drain';
  const why = word.reason === '' ? null : word.reason;
  return { how, reason: `its agent says ${said}`, origin: { who: null, since: outSince, why } };
}

/** When what an agent said counts no more, in milliseconds since 1970: as long as it answers it does. */
export function agentEnd({ silence, answered }: Agent, { agentmaxage }: Virtual): number | null {
  return silence === null || answered === null || agentmaxage === 0 ? null : answered + agentmaxage * 1000;
}
