/** What can be seen of the agent of a real server. */

import type { AgentBook } from '../health/agents.js';
import { agentNameOf } from '../model/agent.js';
import { sayingText } from '../model/agent-word.js';
import type { RealServer, Virtual } from '../model/config.js';
import { agentEnd } from '../overrides/by-agent.js';
import type { AgentStatus } from './model.js';

/** Null where the server has none, or one that is not asked yet. */
export function agentStatusOf(
  virtual: Virtual,
  real: RealServer,
  book: Pick<AgentBook, 'all' | 'answeredAt'>,
): AgentStatus | null {
  const name = virtual.agent && agentNameOf(virtual, real);
  const agent = name === null ? undefined : book.all.get(name);
  if (agent === undefined) return null;
  const { word, said, since, silence } = agent;
  return {
    name: agent.name,
    said,
    since,
    word: sayingText({ ...word, unknown: null }),
    share: word.share !== null && 'percent' in word.share ? word.share.percent : null,
    answered: book.answeredAt(agent),
    silence,
    until: agentEnd(agent, virtual),
  };
}
