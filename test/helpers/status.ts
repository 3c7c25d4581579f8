/** What can be seen of a director, made up for tests. */

import { unknownOrigin } from '../../src/model/origin.js';
import { countsOf } from '../../src/status/counts.js';
import type { FallbackStatus, ServerStatus, Status, VirtualStatus } from '../../src/status/model.js';
import { type Held, stateOf } from '../../src/status/server-state.js';
import type { StatusStream } from '../../src/status/streamed.js';

const counts = { connections: 1200, inPackets: 5000, outPackets: 0, inBytes: 4_000_000, outBytes: 0 };
const traffic = { total: counts, rate: { ...counts, connections: 3, inBytes: 900 } };

export function serverStatus(settings: Partial<ServerStatus> = {}): ServerStatus {
  const made = withoutState(settings);
  return {
    ...made,
    state:
      settings.state ?? stateOf({ ...made, hold: heldAs(made), isBeyondChecks: made.byMinimum || made.vote !== null }),
  };
}

function heldAs({ held, wanted }: Pick<ServerStatus, 'held' | 'wanted'>): Held {
  if (held === null) return null;
  return wanted === 0 ? 'drained' : 'held';
}

function withoutState(settings: Partial<ServerStatus>): Omit<ServerStatus, 'state'> {
  const { name = '10.0.0.1:80', held = null } = settings;
  return {
    name,
    called: name,
    forward: 'masq',
    configured: 2,
    wanted: 2,
    weight: 2,
    connections: { active: 4, inactive: 1, persistent: 0 },
    traffic,
    written: name.replace(/:\d+$/, ''),
    up: true,
    decided: true,
    inUse: (settings.up ?? true) && held === null,
    reason: 'response: status 200',
    checked: null,
    since: 1_795_000_000_000,
    healthSince: 1_795_000_000_000,
    failures: 0,
    successes: 0,
    flapping: null,
    hindered: null,
    stale: null,
    byMinimum: false,
    vote: null,
    held,
    heldBy: held === null ? null : 'hand',
    hold: held === null ? null : { by: 'hand', how: 'drain', reason: held, note: null, ...unknownOrigin },
    heldUntil: null,
    weighed: null,
    override: null,
    agent: null,
    line: 3,
    ...settings,
  };
}

const gone = { wanted: null, weight: null, connections: null, traffic: null } as const;

/** One that is not checked. */
export function fallbackStatus(settings: Partial<FallbackStatus> = {}): FallbackStatus {
  const { name = '127.0.0.1:80' } = settings;
  const common = { name, forward: 'gate', configured: 1, reason: 'fallbackcheck=no', ...gone } as const;
  return { ...serverStatus({ ...common, inUse: false }), asked: false, ...settings };
}

export function virtualStatus(settings: Partial<VirtualStatus> = {}): VirtualStatus {
  const { fallbacks = settings.fallback === null ? [] : [settings.fallback ?? fallbackStatus()] } = settings;
  return {
    name: '192.0.2.1:80',
    called: settings.name ?? '192.0.2.1:80',
    protocol: 'tcp',
    family: 'inet',
    scheduler: 'wrr',
    title: 'shop',
    stands: true,
    active: true,
    leftOut: false,
    inUse: true,
    minimum: null,
    vip: null,
    announcement: null,
    packets: null,
    persists: false,
    servers: [
      serverStatus(),
      serverStatus({ name: '10.0.0.2:80', up: false, reason: 'connect: refused (ECONNREFUSED)', failures: 3, ...gone }),
      serverStatus({ name: '10.0.0.3:80', held: 'window kernel updates', wanted: 0, weight: 0 }),
    ],
    fallback: fallbacks[0] ?? null,
    fallbacks,
    traffic,
    line: 2,
    ...settings,
  };
}

/** Services as they are streamed. */
export function asItComes(at: number, all: readonly VirtualStatus[]) {
  const virtuals = async function* (): AsyncGenerator<VirtualStatus> {
    yield* all;
  };
  return { head: { at }, virtuals: virtuals() };
}

export function statusOf(virtuals: readonly VirtualStatus[], settings: Partial<Status> = {}): Status {
  return {
    version: '1.2.3',
    backend: 'memory',
    file: '/etc/ha.d/web.cf',
    phase: 'running',
    at: Date.now(),
    started: 1_795_000_000_000,
    loaded: 1_795_000_000_000,
    rejected: null,
    unwritten: [],
    packetTable: null,
    unready: [],
    role: {
      word: 'active',
      by: 'always',
      since: 1_795_000_000_000,
      held: null,
      fault: null,
      table: 'always',
      checks: 'always',
    },
    sync: [],
    fitness: null,
    store: null,
    handover: null,
    shared: null,
    checks: null,
    counts: countsOf(virtuals),
    virtuals,
    ...settings,
  };
}

export const usualStatus = statusOf([
  virtualStatus(),
  virtualStatus({ name: '7', protocol: 'fwm', family: 'inet6', title: null, fallback: null, traffic: null }),
]);

/** The same as it comes; whatever of it was asked for. */
export function streamOf({ virtuals, ...head }: Status): StatusStream {
  return {
    head,
    found: countsOf(virtuals),
    next: null,
    virtuals: (async function* () {
      yield* virtuals;
    })(),
  };
}
