/** Thousands of requests at once, and what is left when they are over. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CheckSignal } from '../../../src/probes/check-signal.js';
import { probePing } from '../../../src/probes/ping/ping.js';
import type { ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { checkOf } from '../../helpers/check.js';
import { until, within } from '../../helpers/deadline.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { ip, type Neighbour, neighbour, ownNetwork, setNetwork } from '../../helpers/own-network.js';
import { lacks } from '../../helpers/programs.js';

const skip = ownNetwork() || lacks('nsenter');
/** Milliseconds; long enough for a reply among thousands on a busy machine. */
const checkTimeout = 5_000;

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

function ping(address: string): Promise<ProbeResult> {
  return runProbe(checkOf({ type: 'ping', address, checkTimeout }), 'connect');
}

for (const kind of ['raw', 'datagram']) {
  describe(`many pings, ${kind} sockets`, { skip }, () => {
    let swallowing: Neighbour;

    before(async () => {
      setNetwork('ipv4/ping_group_range', kind === 'raw' ? '1 0' : '0 2147483647');
      swallowing = await neighbour('near', 'far', [['10.9.0.1/24', '10.9.0.2/24']]);
      swallowing.run('echo 1 > /proc/sys/net/ipv4/ip_forward; ip route add blackhole 10.1.0.0/16');
      ip('route add 10.1.0.0/16 via 10.9.0.2');
    });

    after(async () => {
      await releaseKept();
      ip('link del near');
      await swallowing.stop();
    });

    it('each gets its own answer, with silent hosts among them, and nothing is left over', async () => {
      const before = descriptors();
      const hosts = Array.from({ length: 4_000 }, (_, index) => {
        const [high, low] = [index >> 8, index & 255];
        if (index % 4 === 0) return `10.1.${high}.${low}`;
        return index % 4 === 1 ? '::1' : `127.1.${high}.${low || 1}`;
      });
      const results = await withoutLeaks(() => Promise.all(hosts.map(ping)));
      for (const [index, { reason }] of results.entries()) {
        const isSilent = hosts[index]?.startsWith('10.1.');
        assert.equal(reason, isSilent ? 'ping: no answer within 5 s' : 'ping: answered', hosts[index]);
      }
      assert.ok(descriptors() > before);
      await releaseKept();
      assert.equal(descriptors(), before);
    });

    it('opens one socket for all, again after a release, and who waits is told', async () => {
      const before = descriptors();
      const never = new AbortController();
      const waiting = probePing(checkOf({ type: 'ping', address: '10.1.0.7' }), never.signal);
      for (const address of ['127.0.0.1', '127.0.0.2', '10.9.0.2']) assert.equal((await ping(address)).ok, true);
      assert.equal(descriptors(), before + 1);
      await releaseKept();
      await releaseKept();
      assert.deepEqual(await within('the end', waiting), { ok: false, reason: 'ping: abandoned' });
      assert.equal(descriptors(), before);
      assert.equal((await ping('127.0.0.1')).ok, true);
    });

    it('a check that is dropped ends at once', async () => {
      const dropped = new CheckSignal();
      const check = checkOf({ type: 'ping', address: '10.1.0.7' });
      const result = withoutLeaks(() => runProbe(check, 'connect', dropped));
      dropped.abort(new Error('dropped'));
      assert.equal((await within('the end', result)).reason, 'ping: abandoned');
    });

    it('two threads ask at once, each by its own socket', async () => {
      const before = descriptors();
      const workers = [1, 2].map((high) => {
        const workerData = Array.from({ length: 1_000 }, (_, index) => `127.${high}.${index >> 8}.${index & 255 || 1}`);
        return new Worker(new URL('../../helpers/ping-worker.js', import.meta.url), { workerData });
      });
      const answered = await Promise.all(
        workers.map((worker) => within('the answers', once(worker, 'message'), 20_000)),
      );
      assert.deepEqual(answered, [[1_000], [1_000]]);
      await Promise.all(workers.map((worker) => worker.terminate()));
      await until('both have let go', () => descriptors() <= before);
    });
  });
}
