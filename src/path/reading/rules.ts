/** Rules that take a service's answers to a table of routes of their own, by ip-rule(8). */

import type { Family } from '../../model/config.js';
import type { RoutingRule } from '../machine.js';
import { type Loose, numberOf, objectsIn, textOf } from './json.js';
import { iproute } from './links.js';
import type { Section } from './section.js';

/** In numbers: names of tables are each machine's own. A family that is switched off has none. */
export const ruleSection: Section<readonly RoutingRule[]> = {
  tool: iproute,
  script: 'echo inet; ip -N -j rule 2>/dev/null\necho inet6; ip -N -j -6 rule 2>/dev/null\n',
  read: (lines) => {
    const last = lines.lastIndexOf('inet6');
    const rules = lines.flatMap((line, index) => {
      return (objectsIn<Member>(line) ?? []).flatMap((object) => ruleOf(index > last ? 'inet6' : 'inet', object));
    });
    return { ok: true, value: rules };
  },
};

/** Who has made it, its protocol, makes no difference. */
const members = ['priority', 'src', 'ipproto', 'sport', 'sport_start', 'sport_end', 'table', 'protocol'] as const;
type Member = (typeof members)[number];

const protocols: ReadonlyMap<unknown, 'tcp' | 'udp'> = new Map([
  ['tcp', 'tcp'],
  ['ipproto-6', 'tcp'],
  ['udp', 'udp'],
  ['ipproto-17', 'udp'],
] as const);

/** One that asks for anything else is no such rule. */
function ruleOf(family: Family, rule: Loose<Member>): RoutingRule[] {
  if (Object.keys(rule).some((name) => !members.some((member) => member === name))) return [];
  const [priority, source, protocol] = [numberOf(rule.priority), textOf(rule.src), protocols.get(rule.ipproto)];
  const from = numberOf(rule.sport_start ?? rule.sport);
  const to = numberOf(rule.sport_end ?? rule.sport);
  const table = /^\d+$/.test(textOf(rule.table) ?? '') ? Number(rule.table) : null;
  if (priority === null || source === null || !protocol || from === null || to === null || table === null) return [];
  return [{ family, priority, from: source, protocol, ports: { from, to }, table }];
}
