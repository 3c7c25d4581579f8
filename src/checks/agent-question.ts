/** From configuration to questions for feedback agents, which run where checks run and decide nothing about health. */

import { agentNameOf, httpPort } from '../model/agent.js';
import type { Host, RealServer, Virtual } from '../model/config.js';
import type { Check } from '../probes/probe.js';
import type { Interest } from './assignment.js';

export interface AgentQuestion {
  /** Of two that have the same it is asked once. */
  readonly key: string;
  /** Where the agent is asked, as events name it. */
  readonly name: string;
  readonly check: Check;
  readonly interest: Interest;
}

/** Milliseconds for an answer at most: an agent that does not answer by then is asked again, and holds no place meanwhile. */
const longestAnswer = 5_000;

/** What agents say is news or not whatever the policy of a virtual is. */
const interest: Interest = { policy: { failurecount: 1, risecount: 1, startstate: 'table' }, every: false };

/** The questions to the agents of a virtual's real servers; null where there is none, or its address is not known. */
export function agentQuestionsOf(virtual: Virtual): (real: RealServer) => AgentQuestion | null {
  const model = agentInGeneral(virtual);
  if (model === null) return () => null;
  const { type, interval, route, port } = model;
  return (real) => {
    const name = agentNameOf(virtual, real);
    const host = virtual.agent?.host ?? real.host;
    const { address } = host;
    if (name === null || address === null) return null;
    const key = ['agent', name, address, interval, route.mark ?? '', route.source ?? ''].join(' ');
    const virtualhost = type === 'agent-tcp' ? null : hostHeader(host, port);
    return { key, name, check: { ...model, address, virtualhost }, interest };
  };
}

/** The question of a virtual, to nobody yet; null where it has no agents. */
export function agentInGeneral({ agent, agentinterval, family, checkmark, checksource }: Virtual): Check | null {
  if (agent === null) return null;
  const interval = agentinterval * 1000;
  const timeout = Math.min(interval, longestAnswer);
  return {
    ...nothingElse,
    type: agent.path === null ? 'agent-tcp' : 'agent-http',
    family,
    address: '',
    port: agent.port,
    route: { mark: checkmark, source: checksource, towards: null },
    interval,
    checkTimeout: timeout,
    negotiateTimeout: timeout,
    request: agent.path ?? '',
    virtualhost: null,
  };
}

/** What a check has that is none of these. */
const nothingElse = {
  connects: 0,
  service: 'none',
  protocol: 'tcp',
  paces: null,
  further: null,
  checkcount: 1,
  receive: null,
  httpmethod: 'GET',
  login: '',
  passwd: '',
  database: '',
  secret: '',
  tls: null,
  http: {
    statuses: [],
    headers: [],
    auth: 'none',
    receiveIn: 'body',
    bodyLimit: 0,
    version: '1.1',
    followRedirects: false,
    keepAlive: false,
    publicPort: null,
  },
  secrets: [],
  dnsType: null,
  hex: { request: '', receive: '' },
  command: '',
  args: [],
} as const satisfies Partial<Check>;

/** By its name, where the file has one (RFC 9110, section 7.2). */
function hostHeader({ name }: Host, port: number): string {
  const host = name.includes(':') ? `[${name}]` : name;
  return port === httpPort ? host : `${host}:${port}`;
}
