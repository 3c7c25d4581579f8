/** Whether the address of virtual services is worth being announced, as their servers stand. Pure. */

import type { Family, Virtual } from '../../model/config.js';
import { addressedBy, vipOf } from '../../model/endpoint.js';
import { endpointName } from '../../model/names.js';
import { keyOfVirtual, virtualNameInFile } from '../../model/subject.js';
import type { Standings } from '../../reconcile/standings/standings.js';
import { services } from '../../reconcile/standings/use.js';

/** `open` is not known yet. */
export type Verdict = 'well' | 'ill' | 'open';

/** What there is to say of a service, or of an address. */
export interface Finding {
  readonly verdict: Verdict;
  readonly why: string;
}

/** An address that services have, several of them perhaps. */
export interface Vip {
  readonly address: string;
  readonly family: Family;
  /** As the file has it, by name perhaps. */
  readonly called: ReadonlySet<string>;
  readonly services: readonly Finding[];
  /** Whether it goes at a stop: not while the table keeps a service of it. */
  readonly cleanstop: boolean;
}

/** Whether the service of a virtual stands in the table: clients who came earlier would be refused. */
export type Stands = (virtual: Virtual) => boolean;

/** By address. A mark of somebody else has none, nor has a name as long as nobody knows it. */
export function vipsOf(decided: Pick<Standings, 'config' | 'of' | 'below'>, stands: Stands): ReadonlyMap<string, Vip> {
  const found = new Map<string, Drafted>();
  const { virtuals } = decided.config;
  const below = new Set(
    [...decided.below.keys()]
      .filter(({ belowminimum }) => belowminimum === 'withdraw')
      .map((virtual) => keyOfVirtual(virtual)),
  );
  const cleanstop = new Map<string, boolean>();
  for (const virtual of virtuals) {
    const address = vipOf(virtual.endpoint);
    if (address !== null) cleanstop.set(address, virtual.cleanstop && (cleanstop.get(address) ?? true));
  }
  for (const [key, { virtual, servers }] of services(virtuals, decided.of)) {
    const address = vipOf(virtual.endpoint);
    if (address === null) continue;
    const { family } = virtual;
    const vip = found.get(address) ?? {
      address,
      family,
      called: new Set<string>(),
      services: [],
      cleanstop: cleanstop.get(address) ?? true,
    };
    found.set(address, vip);
    const name = addressedBy(virtual.endpoint)?.name.toLowerCase();
    if (name !== undefined) vip.called.add(name);
    const isUsed = servers.some(({ place, isKnown }) => place === 'in use' && isKnown);
    const isUnused = servers.every(({ place, isKnown }) => place !== 'in use' && isKnown);
    vip.services.push(findingOf(virtual, { isBelow: below.has(key), isUsed, isUnused, stands: stands(virtual) }));
  }
  return found;
}

interface Drafted extends Omit<Vip, 'called' | 'services'> {
  readonly called: Set<string>;
  readonly services: Finding[];
}

interface Situation {
  readonly isBelow: boolean;
  readonly isUsed: boolean;
  readonly isUnused: boolean;
  readonly stands: boolean;
}

function findingOf({ endpoint }: Virtual, { isBelow, isUsed, isUnused, stands }: Situation): Finding {
  const name = virtualNameInFile(endpoint) ?? endpointName(endpoint);
  if (isBelow) return { verdict: 'ill', why: `${name} is below minhealthy` };
  if (isUnused) return { verdict: 'ill', why: `${name} has no server in use` };
  if (!isUsed) return { verdict: 'open', why: `${name} has not been checked yet` };
  return stands
    ? { verdict: 'well', why: `${name} is served` }
    : { verdict: 'open', why: `${name} is not in the table` };
}

/** Of all services together. */
export function findingOfAll(found: readonly Finding[], rule: 'all' | 'any'): Finding {
  const [sure, other] = rule === 'all' ? (['ill', 'well'] as const) : (['well', 'ill'] as const);
  const decisive = found.filter(({ verdict }) => verdict === sure);
  if (decisive.length > 0) return { verdict: sure, why: joined(decisive) };
  const open = found.filter(({ verdict }) => verdict === 'open');
  return open.length > 0 ? { verdict: 'open', why: joined(open) } : { verdict: other, why: joined(found) };
}

/** Services that are named. */
const longest = 3;

function joined(found: readonly Finding[]): string {
  const more = found.length > longest ? [`${found.length - longest} more`] : [];
  return [...found.slice(0, longest).map(({ why }) => why), ...more].join(', ');
}
