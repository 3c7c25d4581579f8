/** A reply counts only for the request that it answers, whoever sends what else. */

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { brief, checkOf } from '../../helpers/check.js';
import { EchoForger, withChecksum } from '../../helpers/echo-forger.js';
import { addLoopbackAddress, ownNetwork, setNetwork } from '../../helpers/own-network.js';

const skip = ownNetwork();
/** Where a request to the target comes from is the kernel's choice. */
const versions = [
  { version: 4, source: '127.0.0.1', target: '127.0.0.5', other: '127.0.0.6' },
  { version: 6, source: 'fd00::5', target: 'fd00::5', other: 'fd00::6' },
] as const;

/** Some time for a wrong reply to be taken for a right one. */
const pause = 100;

function ping(address: string, checkTimeout?: number): Promise<ProbeResult> {
  return runProbe(checkOf({ type: 'ping', address, ...(checkTimeout && { checkTimeout }) }), 'connect');
}

function changed(message: Buffer, at: number, bits = 1): Buffer {
  const copy = Buffer.from(message);
  copy[at] = (copy[at] ?? 0) ^ bits;
  return withChecksum(copy);
}

for (const kind of ['raw', 'datagram']) {
  for (const { version, source, target, other } of versions) {
    describe(`a forged reply, ${kind} socket, IPv${version}`, { skip }, () => {
      let forger: EchoForger;

      before(async () => {
        setNetwork('ipv4/ping_group_range', kind === 'raw' ? '1 0' : '0 2147483647');
        setNetwork(version === 4 ? 'ipv4/icmp_echo_ignore_all' : 'ipv6/icmp/echo_ignore_all', 1);
        if (version === 6) await Promise.all([target, other].map(addLoopbackAddress));
        forger = new EchoForger(version);
      });

      after(async () => {
        forger.close();
        await releaseKept();
      });

      const wrong: readonly (readonly [string, (reply: Buffer) => Buffer])[] = [
        ['another token', (reply) => changed(reply, 19)],
        ['another request number', (reply) => changed(reply, 11)],
        ['another sequence number', (reply) => changed(reply, 7)],
        ['another identifier', (reply) => changed(reply, 5)],
        ['another type', (reply) => changed(reply, 0, 2)],
        ['a code', (reply) => changed(reply, 1)],
        ['half of the token', (reply) => withChecksum(reply.subarray(0, 16))],
        ['nothing but a header', (reply) => withChecksum(reply.subarray(0, 8))],
      ];

      for (const [what, forge] of wrong) {
        it(`with ${what} counts for nothing`, async () => {
          const result = ping(target);
          const reply = forger.reply(await forger.request());
          forger.send(forge(reply), target, source);
          assert.equal(await Promise.race([result, sleep(pause, 'pending')]), 'pending');
          forger.send(reply, target, source);
          assert.equal((await result).reason, 'ping: answered');
        });
      }

      it('from another address counts for nothing', async () => {
        const result = ping(target);
        const reply = forger.reply(await forger.request());
        forger.send(reply, other, source);
        assert.equal(await Promise.race([result, sleep(pause, 'pending')]), 'pending');
        forger.send(reply, target, source);
        assert.equal((await result).reason, 'ping: answered');
      });

      it('that comes late counts for nothing', async () => {
        const first = ping(target, brief);
        const late = forger.reply(await forger.request());
        assert.deepEqual((await first).reason, `ping: no answer within ${brief / 1000} s`);
        const second = ping(target);
        const inTime = forger.reply(await forger.request());
        forger.send(late, target, source);
        assert.equal(await Promise.race([second, sleep(pause, 'pending')]), 'pending');
        forger.send(inTime, target, source);
        assert.equal((await second).ok, true);
      });
    });
  }
}
