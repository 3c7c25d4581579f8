/**
 * Which packets get a firewall mark, and which connections their servers see as the director's own: what a configuration
 * asks of the kernel's packet filter, and what stands there, as values of one form.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Config, Family, PortRange, Transport, Virtual } from '../../model/config.js';
import { mergePorts } from '../../model/port-ranges.js';

/** Packets to these ports of an address get a mark, for the virtual service that has `ports`. */
export interface MarkRule {
  readonly family: Family;
  /** Canonical text form. */
  readonly address: string;
  readonly transport: Transport;
  /** In order, with something between each two. */
  readonly ports: readonly PortRange[];
  readonly mark: number;
}

/** What connections are to, as they came. */
export type SnatSubject =
  /** Port 0 is every port. */
  { readonly transport: Transport; readonly address: string; readonly port: number } | { readonly mark: number };

/** Connections that masquerading takes to one of these servers come from the director's own address. */
export interface SnatRule {
  readonly family: Family;
  readonly of: SnatSubject;
  /** Canonical text form, in order. */
  readonly servers: readonly string[];
}

/** By the keys of rules: two values with the same rules are equal, however they came to be. */
export interface PacketRules {
  readonly marks: ReadonlyMap<string, MarkRule>;
  readonly snats: ReadonlyMap<string, SnatRule>;
  /** Whether the kernel translates by our table: for these, or for connections that stand since there were some. */
  readonly translates: boolean;
}

/** What a configuration asks for. */
export interface WantedRules extends PacketRules {
  /** Whether each virtual has an address that wants a rule; what stands for one that has none is not known. */
  readonly whole: boolean;
}

export const noRules: PacketRules = { marks: new Map(), snats: new Map(), translates: false };

export function packetRules({ virtuals }: Pick<Config, 'virtuals'>): WantedRules {
  const marks: MarkRule[] = [];
  const snats: SnatRule[] = [];
  let whole = true;
  for (const virtual of virtuals) {
    const { family, endpoint } = virtual;
    if (endpoint.protocol === 'fwm' && endpoint.carries !== undefined) {
      const { host, transports, ports } = endpoint.carries;
      if (host.address === null) whole = false;
      else {
        const { mark } = endpoint;
        const { address } = host;
        for (const transport of transports) marks.push({ family, address, transport, ports: mergePorts(ports), mark });
      }
    }
    if (!virtual.snat) continue;
    const of = snatSubjectOf(virtual);
    if (of === null) whole = false;
    else snats.push({ family, of, servers: masqueradedServers(virtual) });
  }
  return { ...rulesOf(marks, snats), whole };
}

/** Rules in their one form: those with the same key become one. */
export function rulesOf(marks: Iterable<MarkRule>, snats: Iterable<SnatRule>, goesOnTranslating = false): PacketRules {
  const byMark = new Map<string, MarkRule>();
  for (const rule of marks) {
    const known = byMark.get(markKey(rule));
    byMark.set(markKey(rule), { ...rule, ports: mergePorts([...(known?.ports ?? []), ...rule.ports]) });
  }
  const bySubject = new Map<string, SnatRule>();
  for (const rule of snats) {
    const servers = new Set([...(bySubject.get(snatKey(rule))?.servers ?? []), ...rule.servers]);
    // A server that is named later: until then there is nothing to match.
    if (servers.size > 0) bySubject.set(snatKey(rule), { ...rule, servers: [...servers].sort() });
  }
  const translates = bySubject.size > 0 || goesOnTranslating;
  return { marks: inOrder(byMark), snats: inOrder(bySubject), translates };
}

export function isNone({ marks, translates }: PacketRules): boolean {
  return marks.size === 0 && !translates;
}

export function isSame(one: PacketRules, other: PacketRules): boolean {
  const [own, others] = [one, other].map(({ marks, snats, translates }) => [marks, snats, translates]);
  return isDeepStrictEqual(own, others);
}

/** Counters are named objects, one for each virtual service: they outlive the rules that count. */
export function markCounter({ family, mark }: Pick<MarkRule, 'family' | 'mark'>): string {
  return `mark_${family}_${mark}`;
}

export function snatCounter({ family, of }: Pick<SnatRule, 'family' | 'of'>): string {
  if ('mark' in of) return `snat_${family}_${of.mark}`;
  return `snat_${of.transport}_${of.address.replaceAll(':', '_')}_${of.port}`;
}

/** Null while the name of the virtual has no address. */
export function snatSubjectOf({ endpoint }: Pick<Virtual, 'endpoint'>): SnatSubject | null {
  if (endpoint.protocol === 'fwm') return { mark: endpoint.mark };
  const { protocol: transport, host, port } = endpoint;
  return host.address === null ? null : { transport, address: host.address, port };
}

function markKey({ family, mark, address, transport }: MarkRule): string {
  return [markCounter({ family, mark }), address, transport].join(' ');
}

function snatKey(rule: SnatRule): string {
  return snatCounter(rule);
}

function inOrder<T>(byKey: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...byKey].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Those alone whose packets come back through the director: the others answer the client themselves. */
function masqueradedServers({ family, realServers, fallbacks }: Virtual): string[] {
  const isOurs = (address: string): boolean => address.includes(':') === (family === 'inet6');
  return [...realServers, ...fallbacks]
    .filter(({ forward }) => forward === 'masq')
    .flatMap(({ host }) => (host.address !== null && isOurs(host.address) ? [host.address] : []));
}
