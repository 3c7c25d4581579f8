/** Rules as a script of nft(8): the whole of our table in one transaction, with what its counters stood at. */

import type { Family, PortRange } from '../../model/config.js';
import { rangeText } from '../../model/names.js';
import { type ChainRule, chainOf, type Layout, layoutOf } from './layout.js';
import type { PacketRules, SnatSubject } from './rules.js';

export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

/** By the names of the counters. */
export type Counts = ReadonlyMap<string, Count>;

const keyword = { inet: 'ip', inet6: 'ip6' } as const;
const nfproto = { inet: 'ipv4', inet6: 'ipv6' } as const;

export function scriptOf(table: string, rules: PacketRules, counts: Counts): string {
  // What stands goes with the first two, whatever it is; to delete what is not there would fail.
  const lines = [`add table inet ${table}`, `delete table inet ${table}`];
  const layout = layoutOf(rules);
  if (layout !== null) lines.push(`table inet ${table} {`, ...bodyLines(layout, counts), '}');
  return `${lines.join('\n')}\n`;
}

function bodyLines({ counters, chains }: Layout, counts: Counts): string[] {
  const lines = counters.map((name) => {
    const { packets, bytes } = counts.get(name) ?? { packets: 0, bytes: 0 };
    return `counter ${name} { packets ${packets} bytes ${bytes} }`;
  });
  // Those that are jumped to have to be there first.
  for (const { name, hook, rules } of chains.toSorted((a, b) => Number(a.hook !== null) - Number(b.hook !== null))) {
    const head = hook === null ? [] : [`type ${hook.type} hook ${hook.name} priority ${hook.priority}; policy accept;`];
    lines.push(`chain ${name} {`, ...head, ...rules.map(ruleText), '}');
  }
  return lines;
}

function ruleText(rule: ChainRule): string {
  switch (rule.kind) {
    case 'ways': {
      const ways = rule.to.map((address) => `${address} : jump ${chainOf(address)}`);
      return `${keyword[rule.family]} daddr vmap { ${ways.join(', ')} }`;
    }
    case 'mark': {
      const { transport, ports, mark, counter } = rule;
      // What IPVS sends on passes output as well, with its mark: it is counted once.
      return `${transport} dport ${portSet(ports)} meta mark != ${mark} counter name ${counter} meta mark set ${mark}`;
    }
    case 'begun':
      // All that comes here is new; whoever asks for the state of connections has the kernel track them.
      return 'ct state new tcp flags & syn == 0 return';
    case 'snat': {
      const { family, of, servers, counter } = rule;
      const to = `${keyword[family]} daddr { ${servers.join(', ')} }`;
      return `${subjectText(family, of)} ${to} counter name ${counter} masquerade`;
    }
  }
}

/**
 * IPVS rewrites the destination and has conntrack know it (net.ipv4.vs.conntrack=1): by now the packet is to the server,
 * and the connection, as it came, to the virtual service. There is no match for IPVS itself in nftables.
 */
function subjectText(family: Family, of: SnatSubject): string {
  if ('mark' in of) return `meta nfproto ${nfproto[family]} meta mark ${of.mark}`;
  const to = `ct original ${keyword[family]} daddr ${of.address} meta l4proto ${of.transport}`;
  return of.port === 0 ? to : `${to} ct original proto-dst ${of.port}`;
}

function portSet(ports: readonly PortRange[]): string {
  return `{ ${ports.map(rangeText).join(', ')} }`;
}
