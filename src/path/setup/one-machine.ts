/**
 * A machine that the file calls by several addresses, of IPv4 and of IPv6 above all: what is to be done to it is one plan,
 * for it has one set of files.
 */

import type { Machine } from '../machine.js';
import type { Need } from '../need.js';
import type { Facts } from './facts.js';
import type { Site } from './fleet.js';
import type { Entry } from './journal.js';

/** A real server as it was found. */
export interface Found extends Site {
  readonly facts: Facts;
  readonly needs: readonly Need[];
}

export interface FoundMachine extends Found {
  /** What earlier runs have begun on it, under whatever name, in the order of the journal. */
  readonly begun: Entry['steps'];
  /** Other names under which the journal has it. */
  readonly alias: readonly string[];
}

/** Each machine once, by the name that comes first. Who sees the other's address at itself is the other. */
export function machinesOf(found: readonly Found[], entries: readonly Entry[]): FoundMachine[] {
  const machines: Found[] = [];
  for (const one of found) {
    const at = machines.findIndex((other) => isOne(one, other));
    const other = machines[at];
    if (other === undefined) machines.push(one);
    else machines[at] = joined(other, one);
  }
  return machines.map((one) => {
    const own = entries.filter((entry) => entry.server === one.server || isAbout(entry, one));
    const alias = own.flatMap(({ server }) => (server === null || server === one.server ? [] : server));
    return { ...one, begun: own.flatMap(({ steps }) => steps), alias };
  });
}

function isOne(one: Found, other: Found): boolean {
  if (one.server === null || other.server === null) return one.server === other.server;
  return hasAll(one, other.addresses) && hasAll(other, one.addresses);
}

function isAbout({ server, addresses }: Entry, one: Found): boolean {
  return server !== null && one.server !== null && hasAll(one, addresses);
}

function hasAll({ facts: { machine } }: Found, addresses: readonly string[]): boolean {
  const has = (address: string): boolean => machine.addresses.some((own) => own.address === address);
  return addresses.length > 0 && addresses.every(has);
}

function joined(one: Found, other: Found): Found {
  return {
    server: one.server,
    addresses: [...new Set([...one.addresses, ...other.addresses])],
    facts: { ...one.facts, machine: withMore(one.facts.machine, other.facts.machine) },
    needs: [...one.needs, ...other.needs],
  };
}

/** The other was asked other questions. */
function withMore(machine: Machine, { sysctls, routes }: Machine): Machine {
  return {
    ...machine,
    sysctls: new Map([...machine.sysctls, ...sysctls]),
    routes: new Map([...machine.routes, ...routes]),
  };
}
