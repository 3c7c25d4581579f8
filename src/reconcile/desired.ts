/** The table that the configuration and the standings of its servers ask for. */

import { addressWords } from '../ipvs/address.js';
import { maskSettings, type Netmask } from '../ipvs/netmask.js';
import {
  type Destination,
  destinationKey,
  type Entry,
  type Service,
  sameDestination,
  serviceKey,
} from '../ipvs/table.js';
import type { Fallback, Server, Virtual } from '../model/config.js';
import { endpointName, nameInFile, serverName } from '../model/names.js';
import { virtualNameInFile } from '../model/subject.js';
import { atOnce, type Work } from '../slices.js';
import type { Standing } from './standings/standing.js';
import type { Standings } from './standings/standings.js';

/** Which server of the file a destination is, and how the log names it. */
export interface Named {
  readonly role: 'real' | 'fallback';
  /** As in its identity; absent where that is its key. */
  readonly server?: string;
  /** Absent where that is its key, too. */
  readonly name?: string;
  /** By name, where the file has one. */
  readonly called?: string;
}

export interface DesiredEntry extends Entry {
  /** The virtual as the log names it. */
  readonly name: string;
  /** By name, where the file has one. */
  readonly called?: string;
  /** Whether it carries checks alone: nobody is told of it who does not ask. */
  readonly isPath?: true;
  readonly cleanstop: boolean;
  /** Every server that the file names, by destination key, whether it is wanted now or not. */
  readonly named: ReadonlyMap<string, Named>;
  /** Whether each of these has an address; what stands in the table for one that has none is not known. */
  readonly whole: boolean;
  /** Keys of destinations that stay away when somebody takes them out: real servers of weight 0. */
  readonly removable: ReadonlySet<string>;
  /** Keys of destinations whose weight changes by itself. */
  readonly moving: ReadonlySet<string>;
}

export type Desired = ReadonlyMap<string, DesiredEntry>;

/** What is wanted for a service. */
interface Thought {
  readonly entry: DesiredEntry;
  readonly inUse: boolean;
  /** What of the entry are real servers. */
  readonly reals: DesiredEntry['destinations'];
}

/** What of a virtual's servers is the same however they stand: with thousands of them that is most of a thought. */
interface Places extends Pick<DesiredEntry, 'named' | 'whole'> {
  /** Destination keys of the real servers, and after them of the fallbacks; null for one that has no address. */
  readonly keys: readonly (string | null)[];
}

/** What was wanted for a virtual last, and the standing of its servers that it was wanted for. */
interface Remembered extends Thought {
  readonly key: string;
  readonly places: Places;
  readonly standings: readonly Standing[];
  readonly serving: readonly Fallback[];
}

/** Virtuals whose servers stand as they did need no thought: with one to the next question most of them do. */
export type Memory = WeakMap<Virtual, Remembered>;

/** Virtuals whose address is not known yet have no place in the table, and those that the role leaves out have none. */
export function desired(decided: Standings, memory: Memory = new WeakMap()): Desired {
  return atOnce(makeDesired(decided, memory));
}

/** The same as work that can be interrupted. */
export function* makeDesired(decided: Standings, memory: Memory = new WeakMap()): Work<Desired> {
  const { config, leftOut } = decided;
  const { virtuals } = config;
  const table = new Map<string, DesiredEntry>();
  const shared = new Set<string>();
  for (const virtual of virtuals) {
    const found = thoughtOf(virtual, decided, memory);
    if (found === null) continue;
    yield;
    // It is thought of all the same: once this director is active, it is to stand at once.
    if (leftOut.has(virtual)) continue;
    if (table.has(found.key)) shared.add(found.key);
    table.set(found.key, found.entry);
  }
  if (shared.size > 0) mergeShared(table, shared, virtuals, memory);
  return table;
}

function thoughtOf(virtual: Virtual, { config, of, serving }: Standings, memory: Memory): Remembered | null {
  const servers = of.get(virtual) ?? [];
  const fallbacks = serving.get(virtual) ?? none;
  const before = memory.get(virtual);
  const found =
    recall(before, servers, fallbacks) ?? thought(virtual, servers, fallbacks, config.global.readdquiescent, before);
  if (found !== null) memory.set(virtual, found);
  return found;
}

/** Virtuals by the key of their service, where several have one. */
export type Shares = ReadonlyMap<string, readonly Virtual[]>;

/** Of virtuals that are remembered. */
export function sharesOf(virtuals: readonly Virtual[], memory: Memory): Shares {
  const first = new Map<string, Virtual>();
  const found = new Map<string, Virtual[]>();
  for (const virtual of virtuals) {
    const key = memory.get(virtual)?.key;
    if (key === undefined) continue;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, virtual);
    else found.set(key, [...(found.get(key) ?? [earlier]), virtual]);
  }
  return found;
}

/** What is wanted for the service of one virtual, with all others of the same; null where it has no place in the table. */
export function entryFor(
  virtual: Virtual,
  decided: Standings,
  memory: Memory,
  shares: Shares,
): { readonly key: string; readonly entry: DesiredEntry } | null {
  const own = thoughtOf(virtual, decided, memory);
  if (own === null || decided.leftOut.has(virtual)) return null;
  const all = shares.get(own.key);
  if (all === undefined) return own;
  const thoughts = all.map((one) => memory.get(one)).filter((one): one is Remembered => one !== undefined);
  const [first, ...others] = thoughts;
  return first === undefined ? own : { key: own.key, entry: others.reduce<Thought>(merge, first).entry };
}

/** The keys of the services that the role leaves out. */
export function leftOutKeys({ leftOut }: Pick<Standings, 'leftOut'>): ReadonlySet<string> {
  const known = keysOf.get(leftOut);
  if (known !== undefined) return known;
  const services = [...leftOut].map(serviceOf).filter((service) => service !== null);
  const keys = new Set(services.map(serviceKey));
  keysOf.set(leftOut, keys);
  return keys;
}

/** It is the same set from one decision to the next, of thousands perhaps. */
const keysOf = new WeakMap<ReadonlySet<Virtual>, ReadonlySet<string>>();

/** Few configurations have any. */
function mergeShared(
  table: Map<string, DesiredEntry>,
  shared: ReadonlySet<string>,
  virtuals: readonly Virtual[],
  memory: Memory,
): void {
  const thoughts = new Map<string, Thought>();
  for (const virtual of virtuals) {
    const found = memory.get(virtual);
    if (found === undefined || !shared.has(found.key)) continue;
    const earlier = thoughts.get(found.key);
    thoughts.set(found.key, earlier ? merge(earlier, found) : found);
  }
  for (const [key, { entry }] of thoughts) table.set(key, entry);
}

const none: readonly Fallback[] = [];
const noDestinations: DesiredEntry['destinations'] = new Map();

function recall(
  remembered: Remembered | undefined,
  servers: readonly Standing[],
  serving: readonly Fallback[],
): Remembered | null {
  if (remembered === undefined || !isSameList(remembered.serving, serving)) return null;
  const isSame = (standing: Standing, index: number): boolean => {
    const now = servers[index];
    return standing === now || (standing.place === now?.place && standing.weight === now.weight);
  };
  return remembered.standings.every(isSame) ? remembered : null;
}

function isSameList<T>(one: readonly T[], other: readonly T[]): boolean {
  return one === other || (one.length === other.length && one.every((item, index) => item === other[index]));
}

function thought(
  virtual: Virtual,
  standings: readonly Standing[],
  serving: readonly Fallback[],
  readdquiescent: boolean,
  before: Remembered | undefined,
): Remembered | null {
  const service = before?.entry.service ?? serviceOf(virtual);
  if (service === null) return null;
  const places = before?.places ?? placesOf(virtual);
  const known = before?.entry.destinations ?? noDestinations;
  const wanted = wantedOf({ virtual, service, places, standings, serving, readdquiescent, known });
  return { key: serviceKey(service), places, standings, serving, ...wanted };
}

/** The service of a virtual; null while its name has no address. */
export function serviceOf(virtual: Virtual): Service | null {
  const { endpoint, family } = virtual;
  const settings = {
    family,
    scheduler: virtual.scheduler,
    schedflags: virtual.schedflags,
    persistent: virtual.persistent ?? 0,
    ...netmaskOf(virtual),
    ops: virtual.ops,
  };
  if (endpoint.protocol === 'fwm') return { protocol: 'fwm', mark: endpoint.mark, ...settings };
  const { address } = endpoint.host;
  if (address === null) return null;
  const { proxyprotocol } = virtual;
  const header = endpoint.protocol === 'tcp' && proxyprotocol !== 'none' && { proxyProtocol: proxyprotocol };
  return { protocol: endpoint.protocol, address, port: endpoint.port, ...settings, ...header };
}

function netmaskOf({ netmask, family }: Virtual): Netmask {
  if (typeof netmask === 'string') return maskSettings(addressWords(netmask)[0] ?? 0);
  return { netmask: netmask ?? (family === 'inet6' ? 128 : 32) };
}

/** Where a server stands in its virtual's table; null while its name has no address. */
export function destinationOf(virtual: Virtual, server: Server, weight = server.weight): Destination | null {
  const { address } = server.host;
  if (address === null) return null;
  return {
    address,
    port: mappedPort(virtual, server),
    forward: server.forward,
    weight,
    upperThreshold: server.upperThreshold,
    lowerThreshold: server.lowerThreshold,
  };
}

/**
 * Only masquerading rewrites the packet's port; direct routing and tunnelling deliver it as it came. A
 * firewall mark has no port of its own to map to. Port 0 is the port that the client asked for.
 */
function mappedPort({ endpoint }: Virtual, { forward, port }: Server): number {
  if (endpoint.protocol === 'fwm') return port;
  return forward === 'masq' ? port : endpoint.port;
}

function placesOf(virtual: Virtual): Places {
  const named = new Map<string, Named>();
  const place = (server: Server, role: Named['role']): string | null => {
    const destination = destinationOf(virtual, server);
    if (destination === null) return null;
    const key = destinationKey(destination);
    if (!named.has(key)) named.set(key, nameOf(server, role, key));
    return key;
  };
  const reals = virtual.realServers.map((real) => place(real, 'real'));
  const keys = [...reals, ...virtual.fallbacks.map((fallback) => place(fallback, 'fallback'))];
  return { keys, named, whole: !keys.includes(null) };
}

function nameOf(server: Server, role: Named['role'], key: string): Named {
  const configured = serverName(server);
  const mapped = configured !== key && { server: configured, name: `${key} mapped from ${configured}` };
  const called = nameInFile(server);
  // Of thousands most are called by their key.
  return !mapped && called === null ? plain[role] : { role, ...mapped, ...(called !== null && { called }) };
}

interface Question extends Pick<Remembered, 'places' | 'standings' | 'serving'> {
  readonly virtual: Virtual;
  readonly service: Service;
  readonly readdquiescent: boolean;
  /** What was wanted before. */
  readonly known: DesiredEntry['destinations'];
}

function wantedOf({ virtual, service, places, standings, serving, readdquiescent, known }: Question): Thought {
  const { keys, named, whole } = places;
  const destinations = new Map<string, Destination>();
  const removable = new Set<string>();
  const moving = new Set<string>();

  const want = (server: Server, key: string | null | undefined, weight: number | null): void => {
    if (key === null || key === undefined || weight === null || destinations.get(key)?.weight) return;
    const before = known.get(key);
    const { forward, upperThreshold, lowerThreshold } = server;
    // One that stays is one object, since there may be thousands.
    const isAsBefore =
      before !== undefined && sameDestination(before, { forward, weight, upperThreshold, lowerThreshold });
    const destination = isAsBefore ? before : destinationOf(virtual, server, weight);
    if (destination !== null) destinations.set(key, destination);
  };

  const { realServers, fallbacks, cleanstop } = virtual;
  for (const [index, real] of realServers.entries()) {
    const [key, standing] = [keys[index], standings[index]];
    const weight = weightOf(standing, virtual.quiescent);
    want(real, key, weight);
    if (!key) continue;
    if (standing?.moves) moving.add(key);
    if (weight === 0 && !readdquiescent) removable.add(key);
  }
  const inUse = standings.some(({ place }) => place === 'in use');
  const reals = inUse || serving.length === 0 ? destinations : new Map(destinations);
  for (const [index, fallback] of fallbacks.entries()) {
    const isWanted = !inUse && serving.includes(fallback);
    want(fallback, keys[realServers.length + index], isWanted ? fallback.weight : null);
  }
  const called = virtualNameInFile(virtual.endpoint);
  const entry = {
    name: endpointName(virtual.endpoint),
    ...(called !== null && { called }),
    service,
    cleanstop,
    destinations,
    named,
    whole,
    removable,
    moving,
  };
  return { entry, inUse, reals };
}

const plain: Readonly<Record<Named['role'], Named>> = { real: { role: 'real' }, fallback: { role: 'fallback' } };

/** Null for a place outside of the table. */
function weightOf(standing: Standing | undefined, quiescent: boolean): number | null {
  if (standing !== undefined && standing.place !== 'out') return standing.weight;
  return quiescent ? 0 : null;
}

/**
 * Two virtuals with one address are one service to the kernel: the later one's settings, the servers of both, and the
 * fallbacks only while neither has a server in use.
 */
function merge(earlier: Thought, later: Thought): Thought {
  const inUse = earlier.inUse || later.inUse;
  const wanted = ({ entry, reals }: Thought) => (inUse ? reals : entry.destinations);
  const destinations = new Map(wanted(later));
  for (const [key, destination] of wanted(earlier)) {
    // One that is in use in either of them is.
    if (destination.weight > 0 || !destinations.has(key)) destinations.set(key, destination);
  }
  const entry = {
    ...later.entry,
    destinations,
    named: new Map([...later.entry.named, ...earlier.entry.named]),
    whole: earlier.entry.whole && later.entry.whole,
    removable: new Set([...later.entry.removable, ...earlier.entry.removable]),
    moving: new Set([...later.entry.moving, ...earlier.entry.moving]),
  };
  return { entry, inUse, reals: new Map([...later.reals, ...earlier.reals]) };
}
