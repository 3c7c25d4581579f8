/**
 * What a listing shows of services and servers, and how it goes to whoever prints one: of a hundred thousand servers all
 * that is known of them is sixty megabytes, which take longer to write and to read than everything else together.
 */

import type { ConnectionStatus, FallbackStatus, ServerStatus, VirtualStatus } from './model.js';

/** Of these most servers have nothing to tell: they are left out where they are null. */
type Seldom = 'held' | 'hold' | 'heldUntil' | 'override' | 'weighed' | 'flapping' | 'hindered' | 'stale' | 'vote';
type Always = 'called' | 'state' | 'wanted' | 'weight' | 'since' | 'reason';

export type ListedServer = Pick<ServerStatus, Seldom | Always | 'name' | 'configured' | 'byMinimum' | 'inUse'> & {
  readonly connections: Pick<ConnectionStatus, 'active' | 'inactive'> | null;
};
export type ListedFallback = ListedServer & Pick<FallbackStatus, 'up' | 'asked'>;

/** What is not listed of a service. */
type Unlisted = 'whole' | 'persists' | 'fallback' | 'traffic' | 'line';
type Own = Omit<VirtualStatus, Unlisted | 'servers' | 'fallbacks'>;

export interface ListedVirtual extends Own {
  readonly servers: readonly ListedServer[];
  readonly fallbacks: readonly ListedFallback[];
}

type Unless<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What is left out is as it is with most: of what is called by its address, and in use by the file's weight. */
export type BriefServer = Pick<ServerStatus, Always> &
  Unless<Pick<ListedServer, Seldom | 'name' | 'configured' | 'connections' | 'byMinimum' | 'inUse'>>;
export type BriefFallback = BriefServer & Pick<FallbackStatus, 'up' | 'asked'>;

export interface BriefVirtual extends Own {
  readonly servers: readonly BriefServer[];
  readonly fallbacks: readonly BriefFallback[];
}

export function briefVirtual(virtual: VirtualStatus): BriefVirtual {
  const { whole, persists, fallback, traffic, line, servers, fallbacks, ...own } = virtual;
  return {
    ...own,
    servers: servers.map(briefServer),
    fallbacks: fallbacks.map((one) => ({ ...briefServer(one), up: one.up, asked: one.asked })),
  };
}

/** Also of one who answers with everything, since it is older than this program. */
export function listedVirtual(virtual: BriefVirtual): ListedVirtual {
  return {
    ...virtual,
    servers: virtual.servers.map(listedServer),
    fallbacks: virtual.fallbacks.map((one) => ({ ...listedServer(one), up: one.up, asked: one.asked })),
  };
}

/** JSON has no room for what is undefined. */
function briefServer(server: ServerStatus): BriefServer {
  const { name, called, wanted, configured, connections } = server;
  return {
    called,
    name: name === called ? undefined : name,
    state: server.state,
    configured: configured === wanted ? undefined : configured,
    wanted,
    weight: server.weight,
    connections: connections === null ? undefined : { active: connections.active, inactive: connections.inactive },
    since: server.since,
    reason: server.reason,
    inUse: server.inUse ? undefined : false,
    byMinimum: server.byMinimum ? true : undefined,
    vote: server.vote ?? undefined,
    held: server.held ?? undefined,
    hold: server.hold ?? undefined,
    heldUntil: server.heldUntil ?? undefined,
    override: server.override ?? undefined,
    weighed: server.weighed ?? undefined,
    flapping: server.flapping ?? undefined,
    hindered: server.hindered ?? undefined,
    stale: server.stale ?? undefined,
  };
}

function listedServer(server: BriefServer): ListedServer {
  const { called, wanted } = server;
  return {
    called,
    name: server.name ?? called,
    state: server.state,
    configured: server.configured ?? wanted ?? 0,
    wanted,
    weight: server.weight,
    connections: server.connections ?? null,
    since: server.since,
    reason: server.reason,
    inUse: server.inUse ?? true,
    byMinimum: server.byMinimum ?? false,
    vote: server.vote ?? null,
    held: server.held ?? null,
    hold: server.hold ?? null,
    heldUntil: server.heldUntil ?? null,
    override: server.override ?? null,
    weighed: server.weighed ?? null,
    flapping: server.flapping ?? null,
    hindered: server.hindered ?? null,
    stale: server.stale ?? null,
  };
}
