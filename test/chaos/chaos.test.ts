/**
 * Everything that the daemon uses is broken in turn: it never ends, no healthy server is taken out, and a death among
 * the servers is acted on after each. `CHAOS_SECONDS=600` goes on for ten minutes.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownNetwork } from '../helpers/own-network.js';
import { lacks } from '../helpers/programs.js';
import { faults } from './faults.js';
import { runOptions, strikeAll } from './run.js';
import { World } from './world.js';

// Names are asked of a server at port 53, and the file that says so is one of the machine's.
const skip = lacks('prlimit') || lacks('unshare') || lacks('openssl') || ownNetwork();

test('whatever breaks, the daemon goes on, and no healthy server goes', { skip }, async (t) => {
  const world = await World.open(t, { backend: 'userspace', address: '127.0.1.1' });
  await world.start();
  t.diagnostic(await strikeAll(world, faults, runOptions()));
  assert.deepEqual(await world.unheard(), [], 'emitters without a listener for their errors');
  const { code, stderr } = await world.run('stop');
  assert.equal(code, 0, stderr);
});
