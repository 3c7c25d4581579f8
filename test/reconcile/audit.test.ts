import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBackend } from '../../src/ipvs/memory.js';
import { audit } from '../../src/reconcile/audit.js';

import { plan } from '../../src/reconcile/plan.js';
import { configOf } from '../helpers/configuration.js';
import { wantedOf } from '../helpers/standings.js';

const config = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\treal=10.0.0.2:80 gate 2\n');

test('an audit counts what stands, and nothing that is somebody else’s', async () => {
  const wanted = wantedOf(config, () => true);
  const backend = new MemoryBackend();
  assert.deepEqual(audit(wanted, await backend.read(), 3), { services: 0, destinations: 0, differences: 3 });
  await backend.apply(plan(wanted, await backend.read(), new Set()));
  const other = wantedOf(configOf('virtual=192.0.2.9:80\n\treal=10.0.0.1:80 gate\n'), () => true);
  await backend.apply(plan(other, new Map(), new Set()));
  assert.deepEqual(audit(wanted, await backend.read(), 0), { services: 1, destinations: 2, differences: 0 });
});
