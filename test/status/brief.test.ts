import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BriefVirtual, briefVirtual, listedVirtual } from '../../src/status/brief.js';
import { countsOf } from '../../src/status/counts.js';
import type { VirtualStatus } from '../../src/status/model.js';
import { Listing, listing } from '../../src/terminal/listing.js';
import { fallbackStatus, serverStatus, statusOf, virtualStatus } from '../helpers/status.js';

const at = 1_795_000_100_000;
const origin = { who: 'alice', since: at - 60_000, why: 'a disk', on: 'director2' };

/** One of each that has something to tell. */
const servers = [
  serverStatus(),
  serverStatus({ name: '10.0.0.2:80', called: 'web2:80', up: false, inUse: false, wanted: null, weight: null }),
  serverStatus({ name: '10.0.0.3:80', configured: 4, wanted: 0, weight: 0, held: 'drained', connections: null }),
  serverStatus({ name: '10.0.0.4:80', inUse: false, byMinimum: true, heldUntil: at, hindered: 'no route' }),
  serverStatus({ name: '10.0.0.5:80', vote: { directors: 3, up: 1 }, stale: 'passive', weight: 1 }),
  serverStatus({
    name: '10.0.0.6:80',
    override: { weight: 5, until: at, ...origin },
    flapping: { changes: 12, since: 1 },
  }),
  serverStatus({
    name: '10.0.0.7:80',
    weighed: { base: 3, from: 'agent', share: 50, grown: { percent: 10, seconds: 1, over: 10 }, next: null },
  }),
];
const fallbacks = [
  fallbackStatus(),
  fallbackStatus({ name: '127.0.0.2:80', asked: true, up: false, called: 'sorry:80' }),
];
const virtuals = [
  virtualStatus({ servers, fallbacks }),
  virtualStatus({ name: '192.0.2.2:80', called: 'shop:80', servers: [], inUse: false, stands: false, title: 'Shop' }),
];

function sent(virtual: VirtualStatus): BriefVirtual {
  return JSON.parse(JSON.stringify(briefVirtual(virtual)));
}

test('a listing of what is told in brief is the one of what is told in full', () => {
  const status = statusOf(virtuals, { at });
  for (const width of [null, 200, 80]) {
    const surface = { width, colour: true };
    const made = new Listing(status, countsOf(virtuals), surface);
    const parts = virtuals.map((virtual) => made.add(listedVirtual(sent(virtual))));
    assert.equal([made.head, ...parts, made.end()].join(''), listing(status, surface));
  }
});

test('one who tells everything is understood as well', () => {
  for (const virtual of virtuals) {
    const whole = JSON.parse(JSON.stringify(virtual));
    const { servers, fallbacks } = listedVirtual(whole);
    const inBrief = listedVirtual(sent(virtual));
    assert.deepEqual(servers.map(withoutPersistent), inBrief.servers.map(withoutPersistent));
    assert.deepEqual(fallbacks.map(withoutPersistent), inBrief.fallbacks.map(withoutPersistent));
  }
});

test('what most servers have nothing of does not go over the socket', () => {
  const one = virtualStatus({ servers: [serverStatus()] });
  const { servers } = sent(one);
  assert.deepEqual(Object.keys(servers[0] ?? {}), [
    ...['called', 'state', 'wanted', 'weight', 'connections', 'since', 'reason'],
  ]);
  assert.ok(JSON.stringify(servers).length * 3 < JSON.stringify(one.servers).length);
});

function withoutPersistent<T extends { readonly connections: { active: number; inactive: number } | null }>(server: T) {
  const { connections } = server;
  return { ...server, connections: connections && { active: connections.active, inactive: connections.inactive } };
}
