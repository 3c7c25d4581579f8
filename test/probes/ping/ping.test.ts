import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import { DeadlineExceeded } from '../../../src/probes/failure.js';
import { EchoSocket } from '../../../src/probes/ping/echo-socket.js';
import { probePing } from '../../../src/probes/ping/ping.js';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { releaseKept } from '../../../src/probes/release.js';
import { runProbe } from '../../../src/probes/run.js';
import { checkOf } from '../../helpers/check.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { ownNetwork } from '../../helpers/own-network.js';
import { lacks } from '../../helpers/programs.js';

// There no group may open a datagram socket.
const noOwnNetwork = ownNetwork();

after(releaseKept);

function run(changes: Partial<Check>): Promise<ProbeResult> {
  return withoutLeaks(() => runProbe(checkOf({ type: 'ping', ...changes }), 'connect'));
}

describe('ping', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`hears ${address}`, { skip: lacks('ping') }, async () => {
      const result = await run({ address, checkcount: 3 });
      assert.equal(result.reason, 'ping: answered');
      assert.equal(result.ok, true);
    });
  }

  it('takes nothing but an address', async () => {
    for (const address of ['-h', 'localhost', '127.0.0.1 -f', '']) {
      assert.equal((await run({ address })).reason, 'ping: no address to ping');
    }
  });

  it('does not begin after its deadline', { skip: noOwnNetwork }, async () => {
    const late = AbortSignal.abort(new DeadlineExceeded(5000));
    const result = await probePing(checkOf({ type: 'ping' }), late);
    assert.deepEqual(result, { ok: false, reason: 'ping: not done within 5 s' });
  });
});

/** Whether this process may open such sockets is decided at each opening. */
describe('ping, without the permission for a socket', { skip: noOwnNetwork }, () => {
  const nobody = 65_534;
  const { PATH: path = '' } = process.env;
  let folder = '';

  before(async () => {
    await releaseKept();
    folder = mkdtempSync(`${tmpdir()}/ping-`);
    chmodSync(folder, 0o755);
    writeFileSync(
      `${folder}/ping`,
      '#!/bin/sh\necho "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable"; exit 1\n',
    );
    chmodSync(`${folder}/ping`, 0o755);
    Object.assign(process.env, { PATH: `${folder}:${path}` });
    process.seteuid?.(nobody);
  });

  after(() => {
    process.seteuid?.(0);
    Object.assign(process.env, { PATH: path });
    rmSync(folder, { recursive: true });
  });

  for (const [version, address] of [
    [4, '127.0.0.1'],
    [6, '::1'],
  ] as const) {
    it(`asks the program for IPv${version}`, async () => {
      assert.throws(() => EchoSocket.open(version), { code: 'EPERM' });
      assert.equal((await run({ address })).reason, 'ping: From 192.0.2.1 icmp_seq=1 Destination Host Unreachable');
    });
  }

  it('asks by a socket as soon as it may', async () => {
    process.seteuid?.(0);
    try {
      assert.equal((await run({ address: '127.0.0.1' })).reason, 'ping: answered');
    } finally {
      await releaseKept();
      process.seteuid?.(nobody);
    }
  });
});
