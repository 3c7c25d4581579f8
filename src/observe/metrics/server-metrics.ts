/** What is measured of each real server and each virtual service: one row a metric. */

import type { FallbackStatus, ServerStatus, TrafficStatus, VirtualStatus } from '../../status/model.js';
import type { Described } from './exposition.js';

export interface ServerRow extends Described {
  /** Null where there is nothing to tell: the server is not in the table, or the backend does not count it. */
  readonly value: (server: ServerStatus) => number | null;
}

export interface VirtualRow extends Described {
  readonly value: (virtual: VirtualStatus) => number | null;
}

const ofServer = ['protocol', 'virtual', 'server'] as const;
const ofVirtual = ['protocol', 'virtual'] as const;

function gauge(name: string, help: string, value: ServerRow['value']): ServerRow {
  return { name: `ldirectord_server_${name}`, type: 'gauge', help, labels: ofServer, value };
}

function counter(name: string, help: string, value: ServerRow['value']): ServerRow {
  return { name: `ldirectord_server_${name}_total`, type: 'counter', help, labels: ofServer, value };
}

function virtualRow(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  value: (virtual: VirtualStatus) => number | null,
): VirtualRow {
  return { name: `ldirectord_virtual_${name}`, type, help, labels: ofVirtual, value };
}

type Count = keyof TrafficStatus['total'];

function passed(count: Count): (standing: { readonly traffic: TrafficStatus | null }) => number | null {
  return ({ traffic }) => traffic?.total[count] ?? null;
}

const traffics: readonly (readonly [name: string, help: string, count: Count])[] = [
  ['connections', 'Connections scheduled, as the table counts them', 'connections'],
  ['incoming_packets', 'Packets from clients', 'inPackets'],
  ['outgoing_packets', 'Packets to clients, where they come back through the director', 'outPackets'],
  ['incoming_bytes', 'Bytes from clients', 'inBytes'],
  ['outgoing_bytes', 'Bytes to clients, where they come back through the director', 'outBytes'],
];

export const serverRows: readonly ServerRow[] = [
  gauge('up', 'Whether its checks pass, 1 or 0', ({ up }) => Number(up)),
  gauge('checked', 'Whether a check has decided that since the start, or none is needed', ({ decided }) =>
    Number(decided),
  ),
  gauge('flapping', '1 where it had ten changes within a minute, and has not settled since; else absent', (row) =>
    row.flapping === null ? null : 1,
  ),
  gauge('hindered', '1 where its check has no verdict at present, so that it stays as it was; else absent', (row) =>
    row.hindered === null ? null : 1,
  ),
  gauge('stale', '1 where its checks rest or are less often, since this director is passive; else absent', (row) =>
    row.stale === null ? null : 1,
  ),
  gauge('held', 'Whether an administrator, maintenance, its agent or a policy holds it out of use', ({ held }) =>
    Number(held !== null),
  ),
  gauge('kept', 'Whether minhealthy decides that it is in use, or is not, and not its checks', ({ byMinimum }) =>
    Number(byMinimum),
  ),
  gauge('voted', 'Whether the votes of directors decide that, and not its checks here', ({ vote }) =>
    Number(vote !== null),
  ),
  gauge('weight_configured', 'The weight that the configuration gives it', ({ configured }) => configured),
  gauge(
    'weight_wanted',
    'The weight that it ought to have now; absent where it ought not to be in the table',
    (row) => {
      return row.wanted;
    },
  ),
  gauge('weight', 'The weight that it has; absent where it is not in the table', ({ weight }) => weight),
  gauge(
    'weight_factor',
    'What its agent and slow start leave of its weight, 1 for all; absent where neither says anything',
    ({ weighed }) => (weighed === null ? null : (weighed.share * (weighed.grown?.percent ?? 100)) / 10_000),
  ),
  gauge('failures', 'Failed checks in a row', ({ failures }) => failures),
  gauge('last_change_timestamp_seconds', 'Since when its checks say that it is up or down', ({ healthSince }) => {
    return healthSince / 1000;
  }),
  gauge('state_timestamp_seconds', 'Since when it is up, down, held or what else `list` calls it', ({ since }) => {
    return since / 1000;
  }),
  gauge('agent_answers', 'Whether its feedback agent answers, 1 or 0; absent without one', ({ agent }) =>
    agent === null ? null : Number(agent.silence === null && agent.said !== null),
  ),
  gauge('agent_last_answer_timestamp_seconds', 'When its feedback agent answered last; absent before', ({ agent }) =>
    agent === null || agent.answered === null ? null : agent.answered / 1000,
  ),
  gauge(
    'agent_share',
    'How much of the weight its feedback agent leaves, 1 is all; absent where it names no share',
    ({ agent }) => (agent === null || agent.share === null ? null : agent.share / 100),
  ),
  gauge('active_connections', 'Established connections', ({ connections }) => connections?.active ?? null),
  gauge('inactive_connections', 'Connections that begin or end', ({ connections }) => {
    return connections?.inactive ?? null;
  }),
  gauge('persistent_connections', 'Clients that persistence holds to it', ({ connections }) => {
    return connections?.persistent ?? null;
  }),
  ...traffics.map(([name, help, count]) => counter(name, help, passed(count))),
];

/** One metric with a label `by` besides those of the server, for those alone that are held out. */
export const holdRow: Described = {
  name: 'ldirectord_server_hold',
  type: 'gauge',
  help: 'Always 1: who or which policy holds it out of use',
  labels: [...ofServer, 'by'],
};

/** One metric with a label `to` besides those of the server. */
export const transitionRow: Described = {
  name: 'ldirectord_server_transitions_total',
  type: 'counter',
  help: 'How often it came up and went down',
  labels: [...ofServer, 'to'],
};

export interface FallbackRow extends Described {
  readonly value: (fallback: FallbackStatus) => number;
}

/** Of those that are checked. */
export const fallbackRows: readonly FallbackRow[] = [
  {
    name: 'ldirectord_fallback_up',
    type: 'gauge',
    help: 'Whether the checks of a fallback pass, 1 or 0; absent without fallbackcheck',
    labels: ofServer,
    value: ({ up }) => Number(up),
  },
  {
    name: 'ldirectord_fallback_in_use',
    type: 'gauge',
    help: 'Whether it answers, since no real server is in use; absent without fallbackcheck',
    labels: ofServer,
    value: ({ inUse }) => Number(inUse),
  },
];

export const fallbackTransitionRow: Described = {
  name: 'ldirectord_fallback_transitions_total',
  type: 'counter',
  help: 'How often it came up and went down',
  labels: [...ofServer, 'to'],
};

/** Always 1, of servers that the file has by a name: what the others call by its address. */
export const serverInfoRow: Described = {
  name: 'ldirectord_server_info',
  type: 'gauge',
  help: 'The name that the configuration has for a server; absent where it has an address',
  labels: [...ofServer, 'called'],
};

export const virtualRows: readonly VirtualRow[] = [
  virtualRow('gauge', 'up', 'Whether a real server is in use, 1 or 0', ({ inUse }) => Number(inUse)),
  virtualRow('gauge', 'active', 'Whether this director is active for it, 1 or 0', ({ active }) => Number(active)),
  virtualRow('gauge', 'in_table', 'Whether it stands in the table', ({ stands }) => Number(stands)),
  virtualRow(
    'gauge',
    'address_present',
    'Whether its address is on the device of vip; absent without vip',
    ({ vip }) => (vip === null ? null : Number(vip.stands)),
  ),
  virtualRow('gauge', 'servers', 'Real servers in the configuration', ({ servers }) => servers.length),
  virtualRow('gauge', 'servers_up', 'Real servers that are in use', ({ servers }) => {
    return servers.filter(({ inUse }) => inUse).length;
  }),
  virtualRow('gauge', 'minimum_holds', 'Whether fewer servers are healthy than minhealthy wants', ({ minimum }) =>
    Number(minimum !== null),
  ),
  virtualRow('gauge', 'fallback_active', 'Whether a fallback serves; absent without one', ({ fallbacks }) => {
    return fallbacks.length === 0 ? null : Number(fallbacks.some(({ inUse }) => inUse));
  }),
  virtualRow('counter', 'marked_packets_total', 'Packets that got its mark; absent without ports', ({ packets }) => {
    return packets?.marked?.packets ?? null;
  }),
  virtualRow('counter', 'marked_bytes_total', 'Bytes of these packets; absent without ports', ({ packets }) => {
    return packets?.marked?.bytes ?? null;
  }),
  virtualRow(
    'counter',
    'masqueraded_connections_total',
    'Connections that servers saw as the director’s; absent without snat',
    ({ packets }) => packets?.masqueraded?.packets ?? null,
  ),
  ...traffics.map(([name, help, count]) => virtualRow('counter', `${name}_total`, help, passed(count))),
];

/** Always 1, with labels that the others do without. */
export const virtualInfoRow: Described = {
  name: 'ldirectord_virtual_info',
  type: 'gauge',
  help: 'What is known of a virtual service besides its numbers',
  labels: [...ofVirtual, 'scheduler', 'title'],
};
