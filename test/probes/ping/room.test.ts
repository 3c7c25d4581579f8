/** Requests that go together: some find no room in this machine, some are refused by it, some are over by then. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { CheckSignal } from '../../../src/probes/check-signal.js';
import type { ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { brief, checkOf } from '../../helpers/check.js';
import { within } from '../../helpers/deadline.js';
import { ip, type Neighbour, neighbour, ownNetwork, setNetwork } from '../../helpers/own-network.js';
import { lacks } from '../../helpers/programs.js';

const skip = ownNetwork() || lacks('nsenter') || lacks('tc');
/** Milliseconds; long enough for a reply among hundreds on a busy machine. */
const checkTimeout = 10_000;
/** More than one call sends, and more than one reads. */
const many = Array.from({ length: 300 }, (_, index) => `127.1.${index >> 8}.${index & 255 || 1}`);

function ping(address: string, timeout = checkTimeout, signal = new CheckSignal()): Promise<ProbeResult> {
  return runProbe(checkOf({ type: 'ping', address, checkTimeout: timeout }), 'connect', signal);
}

function reasons(results: readonly ProbeResult[]): string[] {
  return [...new Set(results.map(({ reason }) => reason))];
}

/** Requests that hosts of this network have got. */
function heard(): number {
  const [names = [], values = []] = readFileSync('/proc/thread-self/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('InEchos')]);
}

/** From now on the kernel has no room for what goes to this machine itself; returns what ends that. */
function closeLoopback(): () => void {
  execFileSync('tc', 'qdisc replace dev lo root pfifo limit 0'.split(' '));
  return () => execFileSync('tc', 'qdisc del dev lo root'.split(' '));
}

for (const kind of ['raw', 'datagram']) {
  describe(`pings that are sent together, ${kind} socket`, { skip }, () => {
    let other: Neighbour;

    before(async () => {
      setNetwork('ipv4/ping_group_range', kind === 'raw' ? '1 0' : '0 2147483647');
      other = await neighbour('near', 'far', [['10.9.0.1/24', '10.9.0.2/24']]);
      ip('route add unreachable 10.5.0.0/16');
      assert.equal((await ping('10.9.0.2')).ok, true);
    });

    after(async () => {
      await releaseKept();
      ip('route del unreachable 10.5.0.0/16');
      ip('link del near');
      await other.stop();
    });

    it('what there is no room for waits, and holds up no other way', async () => {
      const open = closeLoopback();
      const waiting = Promise.all(many.map((address) => ping(address)));
      try {
        for (let count = 0; count < 3; count += 1) assert.equal((await ping('10.9.0.2')).reason, 'ping: answered');
        assert.equal(await Promise.race([waiting, 'waiting']), 'waiting');
      } finally {
        open();
      }
      assert.deepEqual(reasons(await within('the answers', waiting)), ['ping: answered']);
    });

    it('where there never is room, that is no verdict', async () => {
      const open = closeLoopback();
      try {
        const results = await Promise.all(many.map((address) => ping(address, brief)));
        const said = `ping: no room in the buffers of this machine to send within ${brief / 1000} s`;
        assert.deepEqual(reasons(results), [said]);
        assert.ok(results.every(({ ok }) => ok === null));
      } finally {
        open();
      }
      assert.equal((await ping('127.0.0.1')).ok, true);
    });

    it('one that is refused holds up none of the others', async () => {
      const hosts = many.map((address, index) => (index % 7 === 0 ? `10.5.0.${index & 255}` : address));
      const results = await Promise.all(hosts.map((address) => ping(address)));
      for (const [index, { reason }] of results.entries()) {
        const refused = index % 7 === 0;
        assert.equal(reason, refused ? 'ping: no route to the host (EHOSTUNREACH)' : 'ping: answered', hosts[index]);
      }
    });

    it('one that is dropped at once is not sent', async () => {
      const before = heard();
      const dropped = new CheckSignal();
      const result = ping('127.0.0.1', checkTimeout, dropped);
      dropped.abort(new Error('dropped'));
      assert.equal((await result).reason, 'ping: abandoned');
      assert.equal((await ping('127.0.0.2')).ok, true);
      assert.equal(heard() - before, 1);
    });
  });
}
