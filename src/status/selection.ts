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

/** So many at most, from behind a place on: of services, or of servers where `of` says so. */
export interface Page {
  readonly of: 'services' | 'servers';
  readonly limit?: number | undefined;
  /** Servers of a service at most, where services are asked for. */
  readonly each?: number | undefined;
  /** What the page before gave as `next`. */
  readonly after?: string | undefined;
}

export interface Paged {
  readonly selected: readonly Selected[];
  /** Where the next page goes on; null where there is none. */
  readonly next: string | null;
}

/** Null where the place is not there any more. */
export function pageOf({ virtuals }: Config, selected: readonly Selected[], page: Page): Paged | null {
  const { of, limit = Number.POSITIVE_INFINITY, after } = page;
  const begin = after === undefined ? { virtual: -1, server: 0 } : placeOf(virtuals, after, of);
  if (begin === null) return null;
  const order = new Map(virtuals.map((virtual, index) => [virtual, index]));
  const paged: Selected[] = [];
  let left = limit;
  let last: string | null = null;
  for (const one of selected) {
    const { virtual } = one;
    const index = order.get(virtual) ?? 0;
    if (index < begin.virtual || (index === begin.virtual && of === 'services')) continue;
    if (of === 'services') {
      if (left === 0) return { selected: paged, next: last };
      left -= 1;
      last = virtualId(virtual);
      paged.push(one);
      continue;
    }
    const from = index === begin.virtual ? begin.server : 0;
    const places = virtual.realServers.flatMap((_, place) =>
      place >= from && (one.servers?.has(place) ?? true) ? [place] : [],
    );
    if (places.length === 0) continue;
    if (left === 0) return { selected: paged, next: last };
    const taken = places.slice(0, left);
    left -= taken.length;
    const real = virtual.realServers[taken.at(-1) ?? 0];
    last = real === undefined ? last : `${virtualId(virtual)}/${serverName(real)}`;
    paged.push({ ...one, servers: new Set(taken) });
    if (taken.length < places.length) return { selected: paged, next: last };
  }
  return { selected: paged, next: null };
}

/** The place of a service; for servers also that of the first one behind it. */
function placeOf(virtuals: readonly Virtual[], after: string, of: Page['of']) {
  for (const [virtual, one] of virtuals.entries()) {
    const id = virtualId(one);
    if (of === 'services' && id === after) return { virtual, server: 0 };
    if (of === 'services' || !after.startsWith(`${id}/`)) continue;
    const place = one.realServers.findIndex((real) => `${id}/${serverName(real)}` === after);
    if (place >= 0) return { virtual, server: place + 1 };
  }
  return null;
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
