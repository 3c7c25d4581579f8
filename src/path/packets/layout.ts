/** How rules are laid out in a table of nftables: chains, and what is in them. What is written and what is read is this. */

import { isDeepStrictEqual } from 'node:util';
import type { Family, PortRange, Transport } from '../../model/config.js';
import {
  isNone,
  type MarkRule,
  markCounter,
  type PacketRules,
  rulesOf,
  type SnatSubject,
  snatCounter,
} from './rules.js';

export interface Layout {
  /** Names of counters, in order. */
  readonly counters: readonly string[];
  /** In the order of their names. */
  readonly chains: readonly Chain[];
}

export interface Chain {
  readonly name: string;
  /** Null for one that is jumped to. */
  readonly hook: Hook | null;
  readonly rules: readonly ChainRule[];
}

export interface Hook {
  readonly type: 'filter' | 'nat';
  readonly name: 'prerouting' | 'output' | 'postrouting';
  readonly priority: number;
}

export type ChainRule =
  /** Packets to these addresses, in order, go on in the chains of their own. */
  | { readonly kind: 'ways'; readonly family: Family; readonly to: readonly string[] }
  | {
      readonly kind: 'mark';
      readonly transport: Transport;
      readonly ports: readonly PortRange[];
      readonly mark: number;
      readonly counter: string;
    }
  /**
   * What does not open a connection of TCP goes on as it is: one that stands already, and that conntrack did not know before
   * there was a rule, is new to it, and its server would know nothing of it under another address.
   */
  | { readonly kind: 'begun' }
  | {
      readonly kind: 'snat';
      readonly family: Family;
      readonly of: SnatSubject;
      readonly servers: readonly string[];
      readonly counter: string;
    };

/** As mangle has it, NF_IP_PRI_MANGLE of the kernel: before IPVS looks for a service. */
const markPriority = -150;
/** NF_IP_PRI_NAT_SRC. */
const snatPriority = 100;

/** Null for no table. */
export function layoutOf(rules: PacketRules): Layout | null {
  if (isNone(rules)) return null;
  const [marks, snats] = [[...rules.marks.values()], [...rules.snats.values()]];
  const counters = new Set([...marks.map(markCounter), ...snats.map(snatCounter)]);
  const chains = markChains(marks);
  if (rules.translates) {
    const hook: Hook = { type: 'nat', name: 'postrouting', priority: snatPriority };
    const own = snats.map((rule) => ({ kind: 'snat' as const, ...rule, counter: snatCounter(rule) }));
    chains.push({ name: hook.name, hook, rules: [{ kind: 'begun' }, ...own] });
  }
  return { counters: [...counters].sort(), chains: inOrder(chains) };
}

/** Null where it is not what `layoutOf` makes of any rules. */
export function rulesIn(layout: Layout): PacketRules | null {
  const marks: MarkRule[] = [];
  const chains = new Map(layout.chains.map(({ name, rules }) => [name, rules]));
  const all = layout.chains.flatMap(({ rules }) => rules);
  for (const { family, to } of all.filter((rule) => rule.kind === 'ways')) {
    for (const address of to) {
      const own = (chains.get(chainOf(address)) ?? []).filter((rule) => rule.kind === 'mark');
      marks.push(...own.map(({ transport, ports, mark }) => ({ family, address, transport, ports, mark })));
    }
  }
  const snats = all.filter((rule) => rule.kind === 'snat').map(({ family, of, servers }) => ({ family, of, servers }));
  const rules = rulesOf(marks, snats, chains.has('postrouting'));
  return isDeepStrictEqual(layoutOf(rules), layout) ? rules : null;
}

export function inOrder(chains: readonly Chain[]): Chain[] {
  return chains.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of the packets to an address. */
export function chainOf(address: string): string {
  return `to_${address.replaceAll(':', '_')}`;
}

/** A packet to nobody of ours costs one look at its address. */
function markChains(marks: readonly MarkRule[]): Chain[] {
  const byAddress = new Map<string, ChainRule[]>();
  const families = new Map<Family, Set<string>>();
  for (const { family, address, transport, ports, mark } of marks) {
    const counter = markCounter({ family, mark });
    const rules = byAddress.get(address) ?? [];
    byAddress.set(address, [...rules, { kind: 'mark', transport, ports, mark, counter }]);
    families.set(family, (families.get(family) ?? new Set()).add(address));
  }
  if (byAddress.size === 0) return [];
  const ways = [...families].map(([family, to]) => ({ kind: 'ways' as const, family, to: [...to].sort() }));
  const hooks = (['prerouting', 'output'] as const).map((name) => {
    // What the director sends itself passes output alone.
    const hook: Hook = { type: 'filter', name, priority: markPriority };
    return { name, hook, rules: ways };
  });
  return [...hooks, ...[...byAddress].map(([address, rules]) => ({ name: chainOf(address), hook: null, rules }))];
}
