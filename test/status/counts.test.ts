import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownOrigin } from '../../src/model/origin.js';
import { standAs } from '../../src/reconcile/standings/standing.js';
import { countsOf, countsText } from '../../src/status/counts.js';
import { serverStates } from '../../src/status/model.js';
import { stateFor } from '../../src/status/state-times.js';

test('what people ask for comes before what the minimum makes of it, and that before what checks say', () => {
  const drain = { by: 'hand', how: 'drain-while-up', reason: 'drained by hand', note: null, ...unknownOrigin } as const;
  const down = { by: 'file', how: 'down', reason: 'file web1', note: null, ...unknownOrigin } as const;
  const inUse = standAs('in use', 1, true);
  const kept = standAs('in use', 1, true, 'minimum');
  const unused = standAs('out', 0, true, 'minimum');
  assert.equal(stateFor(inUse, true, true, undefined), 'up');
  assert.equal(stateFor(inUse, false, true, undefined), 'down');
  assert.equal(stateFor(inUse, true, false, undefined), 'unknown');
  assert.equal(stateFor(kept, true, true, drain), 'drained');
  assert.equal(stateFor(inUse, true, true, down), 'held');
  assert.equal(stateFor(kept, false, true, undefined), 'kept');
  assert.equal(stateFor(unused, true, true, undefined), 'unused');
  assert.equal(stateFor(standAs('out', 0, true, 'damping'), true, true, undefined), 'held');
});

test('each server is counted once, and what is amiss is said after those that are up', () => {
  const virtuals = [
    { inUse: true, minimum: null, servers: serverStates.map((state) => ({ state })) },
    { inUse: false, minimum: { healthy: 0, needed: 1 }, servers: [{ state: 'up' as const }] },
  ];
  const counts = countsOf(virtuals);
  assert.equal(
    serverStates.reduce((sum, state) => sum + counts[state], 0),
    counts.servers,
  );
  assert.equal(
    countsText(counts),
    '2 services, 2 of 8 servers up; drained 1, held 1, kept 1, unused 1, unknown 1, 1 below minimum',
  );
  assert.equal(countsText(countsOf([])), '0 services, 0 of 0 servers up');
  const [one = assert.fail()] = virtuals;
  assert.equal(countsText(countsOf([{ ...one, servers: [{ state: 'up' }] }])), '1 service, 1 of 1 server up');
});
