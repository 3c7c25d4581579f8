import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBackend } from '../../src/ipvs/open.js';

/** The kernel's are opened in the lab: here they would touch the table of whoever runs the tests. */
test('a backend has the name that it is asked for by', async () => {
  for (const name of ['userspace', 'memory'] as const) {
    const backend = await openBackend(name);
    assert.equal(backend.name, name);
    await backend.close();
  }
});
