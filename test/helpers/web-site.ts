/** The HTTP side of a director for tests: a real listener, over a status that the test makes up. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { defaultSettings, type Settings } from '../../src/config/setting-rows.js';
import { type Event, EventBus } from '../../src/events.js';
import { Web } from '../../src/observe/http/web.js';
import type { Actions } from '../../src/status/actions.js';
import { Chronicle } from '../../src/status/chronicle.js';
import type { ServerStatus, Status, VirtualStatus } from '../../src/status/model.js';
import { within } from './deadline.js';
import { freePort } from './free-port.js';

const counts = { connections: 1200, inPackets: 5000, outPackets: 0, inBytes: 4_000_000, outBytes: 0 };
const traffic = { total: counts, rate: { ...counts, connections: 3, inBytes: 900 } };

export function serverStatus(settings: Partial<ServerStatus> = {}): ServerStatus {
  return {
    name: '10.0.0.1:80',
    forward: 'masq',
    configured: 2,
    wanted: 2,
    weight: 2,
    connections: { active: 4, inactive: 1, persistent: 0 },
    traffic,
    written: '10.0.0.1',
    up: true,
    decided: true,
    reason: 'response: status 200',
    since: 1_795_000_000_000,
    failures: 0,
    held: null,
    override: null,
    line: 3,
    ...settings,
  };
}

const gone = { wanted: null, weight: null, connections: null, traffic: null } as const;

export function virtualStatus(settings: Partial<VirtualStatus> = {}): VirtualStatus {
  return {
    name: '192.0.2.1:80',
    protocol: 'tcp',
    family: 'inet',
    scheduler: 'wrr',
    title: 'shop',
    stands: true,
    inUse: true,
    servers: [
      serverStatus(),
      serverStatus({ name: '10.0.0.2:80', up: false, reason: 'connect: refused (ECONNREFUSED)', failures: 3, ...gone }),
      serverStatus({ name: '10.0.0.3:80', held: 'window kernel updates', wanted: 0, weight: 0 }),
    ],
    fallback: { name: '127.0.0.1:80', forward: 'gate', configured: 1, inUse: false, ...gone },
    traffic,
    line: 2,
    ...settings,
  };
}

export function statusOf(virtuals: readonly VirtualStatus[]): Status {
  return {
    version: '1.2.3',
    backend: 'memory',
    file: '/etc/ha.d/web.cf',
    phase: 'running',
    at: Date.now(),
    started: 1_795_000_000_000,
    loaded: 1_795_000_000_000,
    rejected: null,
    checks: null,
    virtuals,
  };
}

export const usualStatus = statusOf([
  virtualStatus(),
  virtualStatus({ name: '7', protocol: 'fwm', family: 'inet6', title: null, fallback: null, traffic: null }),
]);

export interface SiteOptions {
  readonly settings?: Partial<Settings>;
  readonly actions?: Actions;
  readonly describe?: () => Promise<Status>;
}

/** Opens at a free port of 127.0.0.1 unless the settings say otherwise. */
export async function webSite(t: TestContext, options: SiteOptions = {}) {
  const port = await freePort();
  const bus = new EventBus();
  const chronicle = new Chronicle();
  const events: Event[] = [];
  bus.subscribe(chronicle.listener);
  bus.subscribe((event) => events.push(event));
  const web = new Web({
    bus,
    version: '1.2.3',
    backend: 'memory',
    describe: options.describe ?? (async () => ({ ...usualStatus, at: Date.now() })),
    chronicle,
    actions: options.actions ?? null,
    phase: () => 'running',
  });
  t.after(() => web.close());
  const settings: Settings = { ...defaultSettings, http: { host: '127.0.0.1', port }, ...options.settings };
  await web.configure(settings);
  return { web, bus, chronicle, events, port, settings, base: `http://127.0.0.1:${port}` };
}

/** Settles when a daemon with this bus has opened its listener. To be asked for before it starts. */
export function httpOpened(bus: EventBus): Promise<void> {
  const opened = new Promise<void>((resolve) => {
    const leave = bus.subscribe(({ type }) => {
      if (type !== 'http-opened') return;
      leave();
      resolve();
    });
  });
  return within('the listener', opened, 60_000);
}

/** What an address answers; fails where the status is another. */
export async function fetched(url: string, status = 200, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  assert.equal(response.status, status, `${url}: ${text.slice(0, 500)}`);
  return text;
}
