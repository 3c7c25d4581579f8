/**
 * Our own way for the answers of a service: a rule that takes its packets to a table of routes that has nothing but
 * the gateway. Both are known by their numbers, which are the same on every machine and after every start.
 */

import { createHash } from 'node:crypto';
import type { Family } from '../../model/config.js';
import type { RouteQuestion, RoutingRule } from '../machine.js';
import type { Answers } from '../need.js';

/** Before the table `main` (32766), and after what others put first: VPNs have theirs from 32764 down, or below 10000. */
const rulePriority = 21_000;
/** The first table of ours: far from those with a name (253 to 255) and from those that people number by hand. */
const firstTable = 0x4c56_0000;
/** Where everybody else is: the dummy address of RFC 7600, and the block of RFC 6666, are on nobody's link. */
const elsewhere = { inet: '192.0.0.8', inet6: '100::1' } as const;

/** One of 65536 for each gateway. */
export function answersTable({ family, gateway }: Pick<Answers, 'family' | 'gateway'>): number {
  return firstTable + createHash('sha256').update(`${family} ${gateway}`).digest().readUInt16BE();
}

export function answersRule(need: Answers): RoutingRule {
  const { family, from, protocol, ports } = need;
  return { family, priority: rulePriority, from, protocol, ports, table: answersTable(need) };
}

/** Of a range of ports, the first stands for all. */
export function answersQuestion({ family, from, protocol, ports }: Answers): RouteQuestion {
  return { family, to: elsewhere[family], from, source: { protocol, port: ports.from } };
}

/** Which way packets go that nothing else is said of. */
export function elsewhereQuestion(family: Family): RouteQuestion {
  return { family, to: elsewhere[family] };
}

/** By which link the gateway is reached. */
export function gatewayQuestion({ family, gateway }: Answers): RouteQuestion {
  return { family, to: gateway };
}

export function isSameRule(one: RoutingRule, other: RoutingRule): boolean {
  return (
    one.family === other.family &&
    one.priority === other.priority &&
    one.from === other.from &&
    one.protocol === other.protocol &&
    one.ports.from === other.ports.from &&
    one.ports.to === other.ports.to &&
    one.table === other.table
  );
}
