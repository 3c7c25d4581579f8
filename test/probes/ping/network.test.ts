/** What the network says, or does not say. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { ample, brief, checkOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { ip, type Neighbour, neighbour, ownNetwork, setNetwork } from '../../helpers/own-network.js';
import { lacks } from '../../helpers/programs.js';

const skip = ownNetwork() || lacks('nsenter');

function ping(address: string, changes: Partial<Check> = {}): Promise<ProbeResult> {
  return withoutLeaks(() => runProbe(checkOf({ type: 'ping', address, ...changes }), 'connect'));
}

async function assertPing(address: string, reason: string | RegExp, ok?: null): Promise<void> {
  const result = await ping(address);
  if (typeof reason === 'string') assert.equal(result.reason, reason);
  else assert.match(result.reason, reason);
  assert.equal(result.ok, ok === null ? null : result.reason === 'ping: answered');
  // What the network says does not wait for the deadline.
  assert.ok(result.duration < ample);
}

for (const kind of ['raw', 'datagram']) {
  describe(`ping through a network, ${kind} socket`, { skip }, () => {
    let router: Neighbour;

    before(async () => {
      setNetwork('ipv4/ping_group_range', kind === 'raw' ? '1 0' : '0 2147483647');
      router = await neighbour('near', 'far', [
        ['10.9.0.1/24', '10.9.0.2/24'],
        ['fd09::1/64', 'fd09::2/64'],
      ]);
      // Milliseconds between three questions for who has an address on the link.
      for (const family of ['ipv4', 'ipv6']) setNetwork(`${family}/neigh/near/retrans_time_ms`, 30);
      router.run(`
        echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
        echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit
        ip route add blackhole 10.1.0.0/16; ip route add blackhole fd01::/64
        ip route add unreachable fd02::/64
        ip route add prohibit 10.3.0.0/16; ip route add prohibit fd03::/64
      `);
      for (const net of ['10.1.0.0/16', '10.3.0.0/16']) ip(`route add ${net} via 10.9.0.2`);
      for (const net of ['fd01::/64', 'fd02::/64', 'fd03::/64']) ip(`route add ${net} via fd09::2`);
      ip('route add unreachable 10.5.0.0/16');
      ip('route add prohibit 10.6.0.0/16');
    });

    after(async () => {
      await releaseKept();
      ip('link del near');
      await router.stop();
      for (const rest of ['unreachable 10.5.0.0/16', 'prohibit 10.6.0.0/16']) ip(`route del ${rest}`);
    });

    it('a host that is there', async () => {
      for (const address of ['10.9.0.2', 'fd09::2']) await assertPing(address, 'ping: answered');
    });

    it('a host by its address on the link', async () => {
      const [address] = /fe80::[0-9a-f:]+/.exec(router.run('ip -6 -o addr show dev far scope link')) ?? [];
      await assertPing(`${address}%near`, 'ping: answered');
      await assertPing(`${address}%absent`, 'ping: no network interface has the name after the %');
    });

    it('nobody has the address on the link', async () => {
      await assertPing('10.9.0.77', 'ping: no route to the host (EHOSTUNREACH), says 10.9.0.1');
      await assertPing('fd09::77', 'ping: no route to the host (EHOSTUNREACH), says fd09::1');
    });

    it('a router that has no way', async () => {
      await assertPing('fd02::7', 'ping: no route to the network (ENETUNREACH), says fd09::2');
    });

    it('a router that does not let it pass', async () => {
      // The only word of IPv4 here: a router that has just been started has but one in a second for each host.
      await assertPing('10.3.0.7', 'ping: prohibited on the way (EHOSTUNREACH), says 10.9.0.2');
      await assertPing('fd03::7', 'ping: prohibited on the way (EACCES), says fd09::2');
    });

    it('this machine itself has no way, or does not let it pass', async () => {
      await assertPing('10.5.0.7', 'ping: no route to the host (EHOSTUNREACH)');
      await assertPing('10.6.0.7', 'ping: permission denied (EACCES)');
      await assertPing('172.16.0.1', 'ping: no route to the network (ENETUNREACH)');
      await assertPing('fd55::1', 'ping: no route to the network (ENETUNREACH)');
    });

    it('what is said about one host is not said about another', async () => {
      const lost = 'ping: no route to the network (ENETUNREACH), says fd09::2';
      // Fewer than the kernel lets out at once: net.ipv4.icmp_msgs_burst, which holds for IPv6 as well.
      const cases = Array.from({ length: 20 }, (_, index): [string, string][] => [
        [`fd02::${index}`, lost],
        ['fd09::2', 'ping: answered'],
        ['::1', 'ping: answered'],
      ]).flat();
      const results = await Promise.all(
        cases.map(([address]) => runProbe(checkOf({ type: 'ping', address }), 'connect')),
      );
      assert.deepEqual(
        results.map(({ reason }) => reason),
        cases.map(([, reason]) => reason),
      );
    });

    it('silence, and a host that goes silent', async () => {
      for (const address of ['10.1.0.7', 'fd01::7']) {
        const result = await ping(address, { checkTimeout: brief });
        assert.deepEqual([result.ok, result.reason], [false, `ping: no answer within ${brief / 1000} s`]);
      }
      await assertPing('10.9.0.2', 'ping: answered');
      router.run('echo 1 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
      assert.equal((await ping('10.9.0.2', { checkTimeout: brief })).ok, false);
      router.run('echo 0 > /proc/sys/net/ipv4/icmp_echo_ignore_all');
      await assertPing('10.9.0.2', 'ping: answered');
    });

    it('asks checkcount times, spread over the timeout, and stops at the first reply', async () => {
      const before = requests(router);
      assert.equal((await ping('10.1.0.7', { checkTimeout: brief, checkcount: 3 })).ok, false);
      assert.equal(requests(router) - before, 3);
      assert.equal((await ping('10.9.0.2', { checkcount: 3 })).ok, true);
      assert.equal(requests(router) - before, 4);
    });

    it('a packet filter of this machine', { skip: lacks('iptables') }, async (t) => {
      const rule = ['OUTPUT', '-d', '10.9.0.2', '-j', 'DROP'];
      try {
        execFileSync('iptables', ['-A', ...rule], { stdio: 'ignore' });
      } catch {
        t.skip('this kernel has no packet filter');
        return;
      }
      try {
        await assertPing('10.9.0.2', 'ping: forbidden on this machine (EPERM)', null);
      } finally {
        execFileSync('iptables', ['-D', ...rule]);
      }
    });
  });
}

/** Packets of IPv4 that the router has got. */
function requests(router: Neighbour): number {
  return Number(router.run("awk '/^Ip:/ { value = $4 } END { print value }' /proc/net/snmp"));
}
