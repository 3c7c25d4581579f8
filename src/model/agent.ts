/** Feedback agents: where each real server's is asked, and what is known of it. */

import type { AgentWord } from './agent-word.js';
import type { Host, RealServer, Virtual } from './config.js';
import { hostText } from './names.js';

export const httpPort = 80;

/** As the file says it for all real servers of a virtual. */
export interface AgentAddress {
  /** Null is the real server's own. */
  readonly host: Host | null;
  readonly port: number;
  /** What is asked for over HTTP, escaped; null is over TCP, where nothing is sent. */
  readonly path: string | null;
}

/** What is known of an agent. Times are in milliseconds since 1970. */
export interface Agent {
  /** Where it is asked. */
  readonly name: string;
  readonly word: AgentWord;
  /** What it said last, in few words; null before its first answer. */
  readonly said: string | null;
  /** Since when it has said that. */
  readonly since: number | null;
  /** Since when it takes its server out by the same word; null where it does not. */
  readonly outSince: number | null;
  /** When it answered last, as far as that is told: of one that answers, when it said something new. */
  readonly answered: number | null;
  /** Why it does not answer; null where it does, or has not been asked yet. */
  readonly silence: string | null;
}

/** What agents have said, by their names. */
export type Agents = ReadonlyMap<string, Agent>;

/** `3333`, `10.0.0.9:3333`, `http://:8080/load`: as the file has it. */
export function agentText({ host, port, path }: AgentAddress): string {
  const written = host === null ? '' : hostText({ name: host.name, address: null });
  if (path !== null) return `http://${written}${port === httpPort ? '' : `:${port}`}${path}`;
  return host === null ? String(port) : `${written}:${port}`;
}

/** Where the agent of a real server is asked; null where it has none, or its address is not known. */
export function agentNameOf({ agent }: Virtual, real: RealServer): string | null {
  const host = agent?.host ?? real.host;
  return agent === null || host.address === null ? null : agentText({ ...agent, host });
}
