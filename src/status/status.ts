/** Puts together what can be seen of a director from what its parts know. */

import type { Tally } from '../checks/tallies.js';
import type { MirrorState } from '../directors/store/mirror.js';
import type { AgentBook } from '../health/agents.js';
import { type Health, settleHealth } from '../health/policy.js';
import {
  type Traffic as Counted,
  destinationKey,
  type MeteredEntry,
  type MeteredTable,
  serviceKey,
} from '../ipvs/table.js';
import type { Fallback, RealServer, Virtual } from '../model/config.js';
import { endpointName, nameInFile, serverName } from '../model/names.js';
import { holdText } from '../model/override.js';
import { spanIn } from '../model/section-span.js';
import { virtualNameInFile } from '../model/subject.js';
import type { PacketState } from '../path/packets/keeper.js';
import { type DesiredEntry, destinationOf, serviceOf } from '../reconcile/desired.js';
import { policyHeld } from '../reconcile/standings/holds.js';
import { type Evidence, type Standing, standAs } from '../reconcile/standings/standing.js';
import type { Standings } from '../reconcile/standings/standings.js';
import type { Work } from '../slices.js';
import { agentStatusOf } from './agent-status.js';
import type { Chronicle } from './chronicle.js';
import type {
  AnnouncementStatus,
  ConnectionStatus,
  FallbackStatus,
  ServerStatus,
  Status,
  TrafficStatus,
  VipStatus,
  VirtualStatus,
  VoteStatus,
} from './model.js';
import { packetCountsOf } from './packet-status.js';
import { type StateTimes, stateFor } from './state-times.js';
import { storeStatus } from './store-status.js';
import { weighedOf } from './weighed.js';

/** What the parts know of the director at one moment. */
export interface HeadKnown
  extends Pick<
    Status,
    'version' | 'backend' | 'file' | 'phase' | 'unready' | 'role' | 'sync' | 'fitness' | 'handover' | 'shared'
  > {
  readonly chronicle: Chronicle;
  readonly packets: PacketState | null;
  readonly store: MirrorState | null;
}

/** And of services and servers. */
export interface Known extends Pick<HeadKnown, 'chronicle' | 'packets'> {
  readonly healthOf: (real: RealServer) => Health;
  /** What its check came to last; null where it has none. */
  readonly tallyOf: (real: RealServer) => Tally | null;
  /** Why the check of a server has no verdict; null where it has one. */
  readonly hindranceOf: (real: RealServer) => string | null;
  /** Why what its check has said is old; null where it is run as usual. */
  readonly stalenessOf: (real: RealServer) => string | null;
  /** How it flaps, and since when; null where it does not. */
  readonly flappingOf: (virtual: Virtual, real: RealServer) => ServerStatus['flapping'];
  readonly policyHoldOf: Evidence['policyHoldOf'];
  /** How directors vote on a server; null where they do not. */
  readonly voteOn: (real: RealServer) => VoteStatus | null;
  readonly agents: Pick<AgentBook, 'all' | 'answeredAt'>;
  readonly isInUse: (virtual: Virtual) => boolean;
  readonly vipOf: (virtual: Virtual) => VipStatus | null;
  readonly announcementOf: (virtual: Virtual) => AnnouncementStatus | null;
  readonly standings: Standings;
  /** Whether persistent clients are sent on to a server of weight 0. */
  readonly persistsAtZero: boolean;
  /** What is wanted for the service with this key, which is that of a virtual. */
  readonly wantedAt: (key: string, virtual: Virtual) => DesiredEntry | undefined;
  readonly table: MeteredTable;
  /** These standings have been noted there. */
  readonly times: Pick<StateTimes, 'of'>;
}

/** Without the services and servers; `counts` is of all of them. */
export function describeHead(known: HeadKnown, counts: Status['counts']): Omit<Status, 'virtuals'> {
  const { version, backend, file, phase, unready, role, sync, fitness, handover, chronicle } = known;
  const { started, loaded, rejected, unwritten, checks } = chronicle;
  const packetTable = known.packets && { table: known.packets.table, fault: known.packets.fault?.message ?? null };
  const store = storeStatus(known.store);
  const at = Date.now();
  const head = { version, backend, file, phase, at, started, loaded, rejected, unwritten, packetTable };
  return { ...head, unready, role, sync, fitness, store, handover, checks, counts, shared: known.shared };
}

/** These alone; of those that the configuration does not have any more nothing. */
export function* describeSome(virtuals: Iterable<Virtual>, known: Known): Work<ReadonlyMap<Virtual, VirtualStatus>> {
  const shown = new Map<Virtual, VirtualStatus>();
  for (const virtual of virtuals) {
    if (known.standings.of.has(virtual)) shown.set(virtual, yield* describeVirtual(virtual, known));
  }
  return shown;
}

/** Servers that are described before others get the processor. */
const together = 16;

function* describeVirtual(virtual: Virtual, known: Known): Work<VirtualStatus> {
  const service = serviceOf(virtual);
  const key = service && serviceKey(service);
  const wanted = key === null ? undefined : known.wantedAt(key, virtual);
  const entry = key === null ? undefined : known.table.get(key);
  const servers: ServerStatus[] = [];
  const standings = known.standings.of.get(virtual);
  const below = known.standings.below.get(virtual);
  for (const real of virtual.realServers) {
    const index = servers.length;
    servers.push(serverStatus(virtual, index, real, known, standings?.[index], wanted, entry));
    if (index % together === 0) yield;
  }
  const fallbacks = virtual.fallbacks.map((one, index) => fallbackStatus(virtual, index, one, known, wanted, entry));
  const name = endpointName(virtual.endpoint);
  return {
    name,
    called: virtualNameInFile(virtual.endpoint) ?? name,
    protocol: virtual.endpoint.protocol,
    family: virtual.family,
    scheduler: virtual.scheduler,
    title: virtual.servicename,
    stands: entry !== undefined,
    active: !known.standings.passive.has(virtual),
    leftOut: known.standings.leftOut.has(virtual),
    vip: known.vipOf(virtual),
    announcement: known.announcementOf(virtual),
    inUse: known.isInUse(virtual),
    minimum: below === undefined ? null : { ...below, rule: virtual.belowminimum },
    persists: virtual.persistent !== null && known.persistsAtZero,
    servers,
    fallback: firstOf(fallbacks, virtual.fallbacks, known.standings.serving.get(virtual)),
    fallbacks,
    traffic: trafficStatus(entry?.traffic),
    packets: packetCountsOf(virtual, known.packets),
    line: spanIn(known.standings.config, virtual).line,
  };
}

function serverStatus(
  virtual: Virtual,
  index: number,
  real: RealServer,
  {
    healthOf,
    tallyOf,
    hindranceOf,
    stalenessOf,
    flappingOf,
    policyHoldOf,
    voteOn,
    agents,
    standings: { config, inForce, at },
    times,
  }: Known,
  place: Standing = standAs('out', 0, false),
  wanted: DesiredEntry | undefined,
  entry: MeteredEntry | undefined,
): ServerStatus {
  const { up, decided, reason } = healthOf(real);
  const tally = tallyOf(real);
  const hold = inForce.held.get(real) ?? null;
  const name = serverName(real);
  const destination = destinationOf(virtual, real);
  // Most are called as the table calls them: that is not put together once more.
  const key = destination && (destination.port === real.port ? name : destinationKey(destination));
  const found = key === null ? undefined : entry?.destinations.get(key);
  const policy = hold === null && place.by ? policyHeld(virtual, place, () => policyHoldOf(real, at)) : null;
  // Null where another configuration rules by now.
  const since = times.of(virtual, index);
  // By name and not spread, which takes V8 ten times as long as all the rest for each of ten thousand servers.
  return {
    name,
    called: nameInFile(real) ?? name,
    forward: real.forward,
    configured: real.weight,
    wanted: (key === null ? undefined : wanted?.destinations.get(key)?.weight) ?? null,
    weight: found?.weight ?? null,
    connections: found === undefined ? null : connectionStatus(found),
    traffic: trafficStatus(found?.traffic),
    written: real.host.name,
    up,
    decided,
    inUse: place.place === 'in use',
    byMinimum: place.by === 'minimum',
    vote: place.by === 'vote' ? voteOn(real) : null,
    reason,
    checked: tally?.at ?? null,
    failures: Math.max(0, -(tally?.streak ?? 0)),
    successes: up ? 0 : Math.max(0, tally?.streak ?? 0),
    flapping: flappingOf(virtual, real),
    hindered: hindranceOf(real),
    stale: stalenessOf(real),
    state: stateFor(place, up, decided, hold ?? undefined),
    since: since?.state ?? at,
    healthSince: since?.health ?? at,
    held: hold === null ? (policy?.reason ?? null) : holdText(hold),
    heldBy: (hold ?? policy)?.by ?? null,
    hold,
    heldUntil: policy?.until ?? null,
    weighed: place.place === 'in use' ? weighedOf(real, place, inForce) : null,
    override: inForce.weights.get(real) ?? null,
    agent: agentStatusOf(virtual, real, agents),
    line: spanIn(config, virtual, real.span).line,
  };
}

const unchecked: Health = settleHealth(true, 'fallbackcheck=no');

function fallbackStatus(
  virtual: Virtual,
  index: number,
  fallback: Fallback,
  known: Known,
  wanted: DesiredEntry | undefined,
  entry: MeteredEntry | undefined,
): FallbackStatus {
  const { standings } = known;
  const { fallbackcheck: asked } = virtual;
  const facts = asked ? known : { ...known, healthOf: () => unchecked };
  const place = virtual.realServers.length + index;
  const status = serverStatus(virtual, place, fallback, facts, undefined, wanted, entry);
  // A destination that is there can be that of a real server with the same address.
  const isNeeded = standings.of.get(virtual)?.every(({ place }) => place !== 'in use') ?? true;
  const serves = standings.serving.get(virtual)?.includes(fallback) ?? false;
  const { started } = known.chronicle;
  const since = asked ? {} : { since: started, healthSince: started };
  return { ...status, ...since, agent: null, asked, inUse: status.wanted !== null && isNeeded && serves };
}

/** The status of the one that answers first, or of the first choice where none can. */
function firstOf(
  statuses: readonly FallbackStatus[],
  fallbacks: readonly Fallback[],
  serving: readonly Fallback[] = [],
): FallbackStatus | null {
  const [first] = serving;
  return statuses[first === undefined ? 0 : fallbacks.indexOf(first)] ?? null;
}

function connectionStatus(found: {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections?: number;
}): ConnectionStatus {
  const { activeConnections, inactiveConnections, persistentConnections } = found;
  return { active: activeConnections, inactive: inactiveConnections, persistent: persistentConnections ?? null };
}

/** Exact up to 2^53: at a hundred gigabits a second that is eight days of bytes, and beyond it loses the last digit. */
function trafficStatus(traffic: Counted | undefined): TrafficStatus | null {
  if (traffic === undefined) return null;
  return { total: numbers(traffic.total), rate: numbers(traffic.rate) };
}

function numbers({ connections, inPackets, outPackets, inBytes, outBytes }: Counted['total']): TrafficStatus['total'] {
  return {
    connections: Number(connections),
    inPackets: Number(inPackets),
    outPackets: Number(outPackets),
    inBytes: Number(inBytes),
    outBytes: Number(outBytes),
  };
}
