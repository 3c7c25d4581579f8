/** What this machine is short of says nothing about a server: such a check has no verdict. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Check, ProbeResult } from '../../src/probes/probe.js';
import { releaseKept } from '../../src/probes/release.js';
import { runProbe } from '../../src/probes/run.js';
import { brief, checkOf, tlsOf } from '../helpers/check.js';
import { until } from '../helpers/deadline.js';
import { type Listener, listen } from '../helpers/listener.js';
import { ip, ownNetwork, setNetwork } from '../helpers/own-network.js';
import { lacks } from '../helpers/programs.js';
import { exhaustDescriptors } from '../helpers/resource-limits.js';
import { stoppedServer } from '../helpers/stopped-server.js';

const skip = ownNetwork();

async function run(changes: Partial<Check>): Promise<ProbeResult> {
  const result = await runProbe(checkOf(changes), 'negotiate');
  await releaseKept();
  return result;
}

describe('a check has no verdict', () => {
  let server: Listener;
  before(async () => {
    server = await listen((socket) => socket.on('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n')));
    // What a probe loads it loads before, as with the checks that went well.
    const judged: Partial<Check> = { service: 'https', tls: tlsOf({ minDays: 1 }) };
    for (const changes of [...Object.values(kinds), judged]) {
      await run({ ...changes, port: server.port, negotiateTimeout: 100 });
    }
  });
  after(() => server.close());

  const kinds: Readonly<Record<string, Partial<Check>>> = {
    connect: { type: 'connect' },
    http: {},
    https: { service: 'https', tls: tlsOf() },
    'a dialled protocol': { service: 'smtp' },
    udp: { service: 'udp', protocol: 'udp', request: '/x' },
    tftp: { service: 'tftp', protocol: 'udp', request: '/x' },
    ping: { type: 'ping' },
    external: { type: 'external' },
    'external-perl': { type: 'external-perl', command: '/dev/null' },
  };
  for (const [name, changes] of Object.entries(kinds)) {
    const skip = name === 'ping' && lacks('ping');
    it(`where no descriptor is left: ${name}`, { skip }, async () => {
      const giveBack = exhaustDescriptors(256);
      try {
        const { ok, reason } = await run({ ...changes, port: server.port });
        assert.match(reason, /this process has no file descriptor left \(EMFILE\)$/);
        assert.equal(ok, null);
      } finally {
        giveBack();
      }
    });
  }

  it('where the authorities of the system cannot be read, and reads them when it can', async (t) => {
    const stopped = await stoppedServer();
    t.after(() => stopped.close());
    const check = {
      service: 'https',
      tls: tlsOf({ verify: true }),
      port: stopped.port,
      negotiateTimeout: brief,
    } as const;
    const giveBack = exhaustDescriptors(256, 1);
    try {
      const { ok, reason } = await run(check);
      assert.equal(reason, 'tls: this process has no file descriptor left (EMFILE)');
      assert.equal(ok, null);
    } finally {
      giveBack();
    }
    assert.equal((await run(check)).reason, 'tls: not done within 0.4 s');
  });

  it('where no port is left to connect from', { skip }, async () => {
    setNetwork('ipv4/ip_local_port_range', '60000 60001');
    const taken = [0, 1].map(() => connect(server.port, '127.0.0.1'));
    await Promise.all(taken.map((socket) => once(socket, 'connect')));
    try {
      for (const changes of [{ type: 'connect' }, { service: 'smtp' }] as const) {
        const { ok, reason } = await run({ ...changes, port: server.port });
        assert.equal(reason, 'connect: no local address or port is free to connect from (EADDRNOTAVAIL)');
        assert.equal(ok, null);
      }
    } finally {
      for (const socket of taken) socket.destroy();
      setNetwork('ipv4/ip_local_port_range', '32768 60999');
      await until('no connection is left', () => server.connections() === 0);
    }
  });

  it('where a packet filter of this machine forbids it', { skip: skip || lacks('iptables') }, async (t) => {
    const filter = (command: string) => promisify(execFile)('iptables', ['-w', ...command.split(' ')]);
    try {
      await filter('-A OUTPUT -d 127.0.0.9 -j DROP');
    } catch {
      t.skip('this kernel has no packet filter for it');
      return;
    }
    for (const changes of [{ type: 'ping' }, { service: 'udp', protocol: 'udp', request: '/x' }] as const) {
      const { ok, reason } = await run({ ...changes, address: '127.0.0.9' });
      assert.match(reason, /forbidden on this machine \(EPERM\)$/);
      assert.equal(ok, null);
    }
    await filter('-F OUTPUT');
  });

  it('but has one where no way leads to the server', { skip }, async () => {
    ip('route add unreachable 192.0.2.0/24');
    for (const address of ['192.0.2.1', '198.51.100.1']) {
      const { ok, reason } = await run({ type: 'connect', address });
      assert.match(reason, /^connect: no route to the (host|network) \((EHOSTUNREACH|ENETUNREACH)\)$/);
      assert.equal(ok, false);
    }
  });

  it('where no process can be started, be that thrown or told later', async () => {
    const program = fileURLToPath(new URL('../helpers/short-of-processes.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 60_000 });
    const { external, perl, healthy } = JSON.parse(stdout);
    for (const { ok, reason } of [external, perl]) {
      assert.match(reason, /^command: .*this machine has no process or port left \(EAGAIN\)$/);
      assert.equal(ok, null);
    }
    assert.equal(healthy.ok, true, healthy.reason);
    // What spawn throws at once is judged like what it tells later.
    const thrown = await run({ type: 'external', args: Array.from({ length: 40 }, () => 'x'.repeat(130_000)) });
    assert.deepEqual([thrown.ok, thrown.reason], [false, 'command: /bin/true: failed (E2BIG)']);
  });
});
