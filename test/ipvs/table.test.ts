import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DestinationSettings, type ServiceSettings, sameDestination, sameService } from '../../src/ipvs/table.js';

const service: ServiceSettings = { scheduler: 'sh', schedflags: [], persistent: 0, netmask: 32, ops: false };
const destination: DestinationSettings = { forward: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 };

test('a service needs no edit for what means the same to the kernel', () => {
  const flagged = { ...service, schedflags: ['sh-port', 'sh-fallback'] };
  assert.ok(sameService(flagged, { ...service, schedflags: ['flag-1', 'flag-2'] }));
  assert.ok(sameService(service, { ...service, netmask: 24 }));
  assert.ok(sameService(service, { ...service, persistenceEngine: '' }));
});

test('every setting of a service counts', () => {
  const changes = [
    ...[{ scheduler: 'wrr' }, { schedflags: ['sh-port'] }, { persistent: 60 }, { ops: true }],
    { persistenceEngine: 'sip' },
  ];
  for (const change of changes) assert.ok(!sameService(service, { ...service, ...change }), JSON.stringify(change));
  const persistent = { ...service, persistent: 60 };
  assert.ok(!sameService(persistent, { ...persistent, netmask: 24 }));
  assert.ok(!sameService(persistent, { ...persistent, oddMask: '255.0.255.0' }));
});

test('a tunnel counts where there is one', () => {
  const gre = { type: 'gre', checksum: 'none' } as const;
  assert.ok(sameDestination(destination, { ...destination, tunnel: gre }));
  const ipip = { ...destination, forward: 'ipip' } as const;
  assert.ok(sameDestination(ipip, { ...ipip, tunnel: { type: 'ipip' } }));
  assert.ok(!sameDestination(ipip, { ...ipip, tunnel: gre }));
  assert.ok(!sameDestination({ ...ipip, tunnel: gre }, { ...ipip, tunnel: { ...gre, checksum: 'full' } }));
});

test('what a table has no word for needs no edit there', () => {
  assert.ok(sameService({ ...service, proxyProtocol: 'v1' }, service));
  const without = { ...service, proxyProtocol: 'none' } as const;
  assert.ok(sameService(service, without));
  assert.ok(!sameService({ ...service, proxyProtocol: 'v1' }, without));
  assert.ok(!sameService(service, { ...service, proxyProtocol: 'v2' }));
});
