/** What every probe over UDP must survive, as one suite: each case with the reason that it must give. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { CheckSignal } from '../../src/probes/check-signal.js';
import type { Check } from '../../src/probes/probe.js';
import { runProbe } from '../../src/probes/run.js';
import { ample, brief } from './check.js';
import { startDatagramPeer } from './datagram-peer.js';
import { freePort } from './free-port.js';
import { withoutLeaks } from './leaks.js';

/** `check` gets its port from the suite; `phase` is the one before the first answer. */
export function badDatagramCases(name: string, check: Check, phase: string): void {
  const late = new RegExp(`^${phase}: not done within 0\\.4 s`);

  describe(`${name}, bad servers`, () => {
    it('refused', async () => {
      const { ok, reason } = await probe({ ...check, port: await freePort() });
      assert.deepEqual([ok, reason], [false, `${phase}: refused (ECONNREFUSED)`]);
    });

    it('black-holed, and asked again until the deadline', async () => {
      const peer = await startDatagramPeer();
      const { ok, reason } = await probe({ ...check, port: peer.port, negotiateTimeout: brief });
      await peer.close();
      assert.match(reason, late);
      assert.equal(ok, false);
      assert.ok(peer.requests() > 1, `asked ${peer.requests()} times`);
    });

    it('garbage', async () => {
      const peer = await startDatagramPeer(() => [Buffer.alloc(0), Buffer.from([0]), randomBytes(700)]);
      const { ok, reason } = await probe({ ...check, port: peer.port, negotiateTimeout: brief });
      await peer.close();
      assert.match(reason, late);
      assert.equal(ok, false);
    });

    it('its own request', async () => {
      const peer = await startDatagramPeer((request) => [request]);
      const { ok, reason } = await probe({ ...check, port: peer.port, negotiateTimeout: brief });
      await peer.close();
      assert.match(reason, late);
      assert.equal(ok, false);
    });

    it('a flood', async () => {
      const peer = await startDatagramPeer(() => Array.from({ length: 150 }, () => Buffer.from('xxxx')));
      const { ok, reason } = await probe({ ...check, port: peer.port, negotiateTimeout: ample });
      await peer.close();
      assert.match(reason, new RegExp(`^${phase}: 101 datagrams that are no answer`));
      assert.equal(ok, false);
    });

    it('cancelled', async () => {
      const peer = await startDatagramPeer();
      const cancel = new CheckSignal();
      setTimeout(() => cancel.abort(new Error('dropped')), 20);
      const { reason } = await withoutLeaks(() => runProbe({ ...check, port: peer.port }, 'negotiate', cancel));
      await peer.close();
      assert.equal(reason, `${phase}: abandoned`);
    });
  });
}

function probe(check: Check) {
  return withoutLeaks(() => runProbe(check, 'negotiate'));
}
