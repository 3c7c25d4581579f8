import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, beforeEach, describe, it } from 'node:test';
import { answer, DeadlineExceeded } from '../../../src/probes/failure.js';
import { pingByProgram } from '../../../src/probes/ping/program.js';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { runBounded } from '../../../src/probes/run.js';
import { checkOf } from '../../helpers/check.js';
import { alive, withoutLeaks } from '../../helpers/leaks.js';
import { lacks } from '../../helpers/programs.js';

function run(changes: Partial<Check>): Promise<ProbeResult> {
  const check = checkOf({ type: 'ping', ...changes });
  const probe = (_: Check, signal: AbortSignal) => answer(() => pingByProgram(check, signal));
  return withoutLeaks(() => runBounded(probe, check, check.checkTimeout));
}

describe('the program ping', () => {
  for (const address of ['127.0.0.1', '::1']) {
    it(`hears ${address}`, { skip: lacks('ping') }, async () => {
      const result = await run({ address, checkcount: 3 });
      assert.equal(result.reason, 'ping: answered');
      assert.equal(result.ok, true);
    });
  }

  it('says so where its turn never came', async () => {
    const late = AbortSignal.abort(new DeadlineExceeded(5000));
    await assert.rejects(pingByProgram(checkOf({ type: 'ping' }), late), {
      message: 'ping: not done within 5 s, after waiting for one of 256 pings to end',
    });
  });
});

/** A program in the place of `ping` shows what it is asked to do, and a host that never answers needs no network. */
describe('the program ping, of a silent host', () => {
  const { PATH: path = '' } = process.env;
  let folder = '';

  before(() => {
    folder = mkdtempSync(`${tmpdir()}/ping-`);
    lookIn(`${folder}:${path}`);
  });

  beforeEach(() => rmSync(`${folder}/calls`, { force: true }));

  after(() => {
    lookIn(path);
    rmSync(folder, { recursive: true });
  });

  function standIn(text: string): void {
    writeFileSync(`${folder}/ping`, `#!/bin/sh\necho "$$ $*" >> ${folder}/calls\n${text}\n`);
    chmodSync(`${folder}/ping`, 0o755);
  }

  function calls(): string[] {
    return readFileSync(`${folder}/calls`, 'utf8').trim().split('\n');
  }

  const silence = 'echo "1 packets transmitted, 0 received, 100% packet loss, time 0ms"';

  it('asks checkcount times at most, and bounds the life of the program by its own deadline', async () => {
    standIn(silence);
    const result = await run({ address: '192.0.2.7', checkcount: 3, checkTimeout: 5000 });
    assert.deepEqual([result.ok, result.reason], [false, 'ping: no answer within 5 s']);
    const [call = ''] = calls();
    assert.equal(call.replace(/^\d+ /, ''), '-n -W 5 -w 5 -c 1 -s 56 -i 2.000 192.0.2.7');
    assert.equal(alive(Number.parseInt(call, 10)), false);
  });

  it('repeats what the network says', async () => {
    standIn(
      `echo "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data."; echo "From 192.0.2.1 icmp_seq=1 Destination Host Unreachable"; ${silence}; exit 1`,
    );
    const result = await run({ address: '192.0.2.7' });
    assert.equal(result.reason, 'ping: From 192.0.2.1 icmp_seq=1 Destination Host Unreachable');
  });

  it('says so where the program is missing', async () => {
    lookIn('/nonexistent');
    try {
      const result = await run({});
      assert.deepEqual(
        [result.ok, result.reason],
        [null, 'ping: the program cannot be started: is iputils-ping installed?'],
      );
    } finally {
      lookIn(`${folder}:${path}`);
    }
  });
});

/** Sets where programs are looked for. */
function lookIn(path: string): void {
  Object.assign(process.env, { PATH: path });
}
