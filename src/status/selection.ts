/** Which services and servers are asked for: found by what is known without a look at the table. */

import type { Config, RealServer, Server, Virtual } from '../model/config.js';
import { endpointName, nameInFile, serverName } from '../model/names.js';
import { isNamed, protocolId, virtualNameInFile } from '../model/subject.js';
import { anyCalled } from '../overrides/server-names.js';
import type { Work } from '../slices.js';
import type { AskedState } from './asked-states.js';
import { Counting } from './counts.js';
import type { Counts, ServerState } from './model.js';

export interface Selection {
  /** How the service is called. */
  readonly virtual?: string | undefined;
  /** How the server is called: by address or name, with or without its port. */
  readonly server?: string | undefined;
  /** What the name, title or address of a service has in it, or the name, address or reason of a server. */
  readonly search?: string | undefined;
  readonly states?: ReadonlySet<AskedState> | undefined;
}

/** What is known of servers and services. */
export interface Glance {
  readonly stateOf: (virtual: Virtual, index: number, real: RealServer) => ServerState;
  /** What is to be found of it beside its names. */
  readonly wordsOf: (real: RealServer) => string;
  readonly isInUse: (virtual: Virtual) => boolean;
  readonly isBelowMinimum: (virtual: Virtual) => boolean;
}

/** A service of which these servers are asked for, by their places; null is all. */
export interface Selected {
  readonly virtual: Virtual;
  readonly servers: ReadonlySet<number> | null;
  readonly fallbacks: ReadonlySet<number> | null;
}

export interface Found {
  readonly selected: readonly Selected[];
  /** Of all services and servers, and of those that are selected. */
  readonly counts: Counts;
  readonly found: Counts;
}

export function* select({ virtuals }: Config, selection: Selection, glance: Glance): Work<Found> {
  const [all, those] = [new Counting(), new Counting()];
  const selected: Selected[] = [];
  const wanted = wantedBy(selection);
  for (const virtual of virtuals) {
    const states = virtual.realServers.map((real, index) => glance.stateOf(virtual, index, real));
    const inUse = glance.isInUse(virtual);
    const minimum = glance.isBelowMinimum(virtual) ? true : null;
    all.add({ inUse, minimum, states });
    const found = wanted(virtual, states, glance);
    if (found !== null) {
      selected.push({ virtual, ...found });
      const { servers } = found;
      those.add({
        inUse,
        minimum,
        states: servers === null ? states : states.filter((_, index) => servers.has(index)),
      });
    }
    yield;
  }
  return { selected, counts: all.counts, found: those.counts };
}

/** As it is called in cursors and links: `tcp/192.0.2.1:80`. */
export function virtualId({ family, endpoint }: Virtual): string {
  return `${protocolId({ protocol: endpoint.protocol, family })}/${endpointName(endpoint)}`;
}

type Wanted = (virtual: Virtual, states: readonly ServerState[], glance: Glance) => Omit<Selected, 'virtual'> | null;

const whole = { servers: null, fallbacks: null };

function wantedBy({ virtual: called, server, search, states: asked }: Selection): Wanted {
  const text = search?.toLowerCase() ?? '';
  const isMeant = server === undefined ? null : anyCalled([server]);
  const isAsked = (state: ServerState): boolean =>
    asked === undefined || asked.has(state) || (asked.has('problem') && state !== 'up');
  return (virtual, states, glance) => {
    if (called !== undefined && !isNamed(virtual, called)) return null;
    if (isMeant === null && text === '' && asked === undefined) return whole;
    const isWhole = text === '' || isIn(text, wordsOf(virtual));
    const has = (one: Server, words: () => string): boolean =>
      isWhole || isIn(text, `${serverName(one)} ${nameInFile(one) ?? ''} ${words()}`);
    const servers = new Set<number>();
    for (const [index, real] of virtual.realServers.entries()) {
      const state = states[index] ?? 'unknown';
      if (!isAsked(state) || (isMeant !== null && !isMeant(real))) continue;
      if (has(real, () => glance.wordsOf(real))) servers.add(index);
    }
    const fallbacks = isWhole ? null : placesOf(virtual.fallbacks, (one) => has(one, () => ''));
    const isProblem = isMeant === null && isWhole && asked?.has('problem') === true && !glance.isInUse(virtual);
    const hasFallback = isMeant === null && asked === undefined && fallbacks !== null && fallbacks.size > 0;
    return servers.size > 0 || isProblem || hasFallback ? { servers, fallbacks } : null;
  };
}

function wordsOf(virtual: Virtual): string {
  return `${virtualId(virtual)} ${virtualNameInFile(virtual.endpoint) ?? ''} ${virtual.servicename ?? ''}`;
}

function isIn(text: string, words: string): boolean {
  return words.toLowerCase().includes(text);
}

function placesOf<T>(all: readonly T[], isMeant: (one: T) => boolean): ReadonlySet<number> {
  return new Set(all.flatMap((one, index) => (isMeant(one) ? [index] : [])));
}
