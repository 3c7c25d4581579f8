/** Who listens where packets come to, and whether the director gets there. */

import type { Listener, Machine } from '../machine.js';
import { familyOf, isLoopback } from '../real-servers.js';
import type { Door } from './doors.js';
import type { Finding } from './finding.js';

/** How a connection of the director's ended; null is well. */
export interface Knock {
  /** `timed out`, `refused`. */
  readonly failure: string | null;
}

export interface DoorFacts {
  readonly director: Machine;
  readonly machine: Machine;
  /** What drops or rejects of what comes in, in words; null where the user may not see it. */
  readonly firewall: readonly string[] | null;
  /** By `knockKey`. */
  readonly knocks: ReadonlyMap<string, Knock>;
}

type Found = Omit<Finding, 'on'>;

export function knockKey({ own, port }: Pick<Door, 'own' | 'port'>): string {
  return `${own} ${port}`;
}

/** Where it can be tried whether the director gets there: a datagram that nobody answers says nothing. */
export function isKnockedAt({ protocol }: Door): boolean {
  return protocol === 'tcp';
}

export function examineDoors(doors: readonly Door[], facts: DoorFacts): Found[] {
  const closed = doors.flatMap((door) => {
    const found = closedDoor(door, facts);
    return found === null ? [] : [{ door, found }];
  });
  const shut = closed.filter(({ door }) => door.purpose === 'service');
  const isSame = (one: Door, { door, found }: (typeof closed)[number]): boolean => {
    if (one.protocol !== door.protocol || one.port !== door.port) return false;
    return found.code !== 'listens-elsewhere' || one.at === door.at;
  };
  // Where nobody is there for the service, nobody is there for its checks.
  const told = closed.filter(({ door }) => door.purpose === 'service' || !shut.some((other) => isSame(door, other)));
  return [...told.map(({ found }) => found), ...outOfReach(doors, facts)];
}

const codes = { check: 'check-port-closed', agent: 'agent-port-closed' } as const;

/** Null where somebody is there. */
function closedDoor(door: Door, { machine, knocks }: DoorFacts): Found | null {
  const { purpose, protocol, at, own, port } = door;
  const there = machine.listeners.filter((one) => one.protocol === protocol && one.port === port);
  if (there.some((one) => takes(one, at))) return null;
  // A container’s port is forwarded, and nobody listens on the machine itself.
  if (at === own && isKnockedAt(door) && knocks.get(knockKey(door))?.failure === null) return null;
  const places = [...new Set(there.map(({ address }) => address))];
  const listening = places.length === 0 ? 'nobody listens' : `somebody listens at ${places.join(', ')}, and nobody`;
  const isAlone = places.length > 0 && places.every(isLoopback);
  return {
    code: purpose === 'service' ? serviceCode(places.length === 0, isAlone) : codes[purpose],
    object: `${protocol} port ${port}`,
    for: door.for,
    seen: `${listening} at ${at}, ${protocol} port ${port}`,
    mend: [mendOf(door, places.length > 0)],
  };
}

function serviceCode(isNobody: boolean, isAlone: boolean) {
  if (isNobody) return 'not-listening';
  return isAlone ? 'listens-to-itself' : 'listens-elsewhere';
}

function mendOf({ purpose, at, protocol, port }: Door, isSomebody: boolean): string {
  const place = `${at}, or at all addresses, on ${protocol} port ${port}`;
  if (isSomebody) return `let it listen at ${place}`;
  const who = { service: 'the server of the service', check: 'what the check asks', agent: 'the agent' }[purpose];
  return `start ${who}, and let it listen at ${place}`;
}

/** Those where somebody listens, and the director’s connection ended otherwise. */
function outOfReach(doors: readonly Door[], facts: DoorFacts): Found[] {
  const failed = new Map<string, { readonly door: Door; readonly failure: string; readonly for: Set<string> }>();
  for (const door of doors) {
    const failure = facts.knocks.get(knockKey(door))?.failure ?? null;
    const isOpen = facts.machine.listeners.some(
      (one) => one.protocol === 'tcp' && one.port === door.port && takes(one, door.own),
    );
    if (!isKnockedAt(door) || failure === null || !isOpen) continue;
    const known = failed.get(knockKey(door)) ?? { door, failure, for: new Set<string>() };
    for (const service of door.for) known.for.add(service);
    failed.set(knockKey(door), known);
  }
  return [...failed.values()].map(
    ({ door, failure, for: services }): Found => ({
      code: 'port-out-of-reach',
      object: `${door.protocol} port ${door.port}`,
      for: [...services],
      seen: `somebody listens at ${door.own}, tcp port ${door.port}, and a connection of the director ended so: ${failure}; ${firewallWords(facts)}`,
      mend: [
        `let tcp port ${door.port} in, from clients and from the director: see \`nft list ruleset\`, \`iptables-save\``,
      ],
    }),
  );
}

function firewallWords({ firewall }: DoorFacts): string {
  if (firewall === null) return 'whether there is a firewall is not for this user to see';
  if (firewall.length === 0)
    return 'there is no firewall on the server that drops or rejects, so it is on the way there';
  return `what drops or rejects there: ${firewall.join('; ')}`;
}

function takes({ family, address }: Listener, at: string): boolean {
  return family === familyOf(at) && [at, '0.0.0.0', '::'].includes(address);
}
