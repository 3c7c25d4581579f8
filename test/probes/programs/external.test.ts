import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, it } from 'node:test';
import type { Check, ProbeResult } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { ample, brief, checkOf, receive } from '../../helpers/check.js';
import { until } from '../../helpers/deadline.js';
import { alive, withoutLeaks } from '../../helpers/leaks.js';

let folder = '';

before(() => {
  folder = mkdtempSync(`${tmpdir()}/external-`);
});

after(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string, mode = 0o755): string {
  const path = `${folder}/${name}`;
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, mode);
  return path;
}

function run(command: string, changes: Partial<Check> = {}): Promise<ProbeResult> {
  return withoutLeaks(() => runProbe(checkOf({ type: 'external', command, ...changes }), 'negotiate'));
}

describe('external', () => {
  it('gives the program its four arguments, and nothing to read', async () => {
    const command = script('with blanks.sh', 'read line && exit 9\necho "$# $1|$2|$3|$4"');
    const result = await run(command, { args: ['192.0.2.1', '80', '$(id)', '; false'] });
    assert.equal(result.reason, 'command: exit status 0: 4 192.0.2.1|80|$(id)|; false');
    assert.equal(result.ok, true);
  });

  it('finds a name without a slash in PATH', async () => {
    assert.equal((await run('true')).ok, true);
    assert.equal((await run('false')).reason, 'command: exit status 1');
  });

  it('names the last line of what the program wrote, on either stream', async () => {
    assert.equal(
      (await run(script('out.sh', 'echo first; echo "no \tanswer\n"; exit 2'))).reason,
      'command: exit status 2: no  answer',
    );
    assert.equal((await run(script('err.sh', 'echo broken >&2; exit 3'))).reason, 'command: exit status 3: broken');
  });

  it('names a signal', async () => {
    assert.equal((await run(script('term.sh', 'kill -TERM $$'))).reason, 'command: killed by SIGTERM');
  });

  it('says why a program does not start', async () => {
    assert.equal((await run('/no such/program')).reason, 'command: /no such/program: no such file (ENOENT)');
    const plain = script('plain', 'exit 0', 0o644);
    assert.equal((await run(plain)).reason, `command: ${plain}: permission denied (EACCES)`);
  });

  it('takes a flood of output with a bounded memory', async () => {
    const result = await run(script('flood.sh', 'head -c 20000000 /dev/zero | tr "\\0" x; echo; echo end; exit 1'));
    assert.equal(result.reason, 'command: exit status 1: end');
    const long = await run(script('long.sh', 'head -c 100000 /dev/zero | tr "\\0" x; exit 1'));
    assert.ok(long.reason.length < 300, `${long.reason.length} characters`);
  });

  it('kills the whole group at the deadline', async () => {
    const command = script('hang.sh', `sleep 1000 & echo $! > ${folder}/hang.pid; echo waiting; wait`);
    // Long enough for the script to have written its file on a busy machine.
    const result = await run(command, { checkTimeout: 10 * brief });
    assert.equal(result.reason, 'command: not done within 4 s: waiting');
    assert.equal(result.ok, false);
    await gone(`${folder}/hang.pid`);
  });

  it('kills what has left the group as well', async () => {
    const command = script('stray.sh', `setsid sh -c 'echo $$ > ${folder}/stray.pid; exec sleep 1000' & wait`);
    const result = await run(command, { checkTimeout: 10 * brief });
    assert.equal(result.reason, 'command: not done within 4 s');
    await gone(`${folder}/stray.pid`);
  });

  it('gives the details in the environment, without passwords and without what is its own', async () => {
    process.env['NODE_OPTIONS_OF_TEST'] = 'x';
    process.env['SCRIPT_SETTING'] = 'kept';
    try {
      const command = script('env.sh', `env > ${folder}/env`);
      const result = await run(command, {
        args: ['192.0.2.1', '80', '10.0.0.1', '8080'],
        request: 'a b',
        login: 'monitor',
        passwd: 'hunter2',
        secret: 'hunter3',
        database: 'd\0b',
        receive: receive('^x'),
      });
      assert.equal(result.ok, true, result.reason);
      const lines = readFileSync(`${folder}/env`, 'utf8').split('\n').sort();
      assert.deepEqual(
        lines.filter((line) => line.startsWith('LDIRECTORD_')),
        [
          'LDIRECTORD_CHECKTYPE=external',
          'LDIRECTORD_CHECK_PORT=9',
          'LDIRECTORD_DATABASE=db',
          'LDIRECTORD_LOGIN=monitor',
          'LDIRECTORD_PROTOCOL=tcp',
          'LDIRECTORD_REAL=10.0.0.1',
          'LDIRECTORD_REAL_PORT=8080',
          'LDIRECTORD_RECEIVE=^x',
          'LDIRECTORD_REQUEST=a b',
          'LDIRECTORD_SERVICE=http',
          'LDIRECTORD_TIMEOUT=20',
          'LDIRECTORD_VIRTUAL=192.0.2.1',
          'LDIRECTORD_VIRTUALHOST=',
          'LDIRECTORD_VIRTUAL_PORT=80',
        ],
      );
      assert.ok(lines.includes('SCRIPT_SETTING=kept'));
      assert.doesNotMatch(lines.join('\n'), /hunter|NODE_/);
    } finally {
      delete process.env['NODE_OPTIONS_OF_TEST'];
      delete process.env['SCRIPT_SETTING'];
    }
  });

  it('leaves nothing of a program that has ended', async () => {
    const command = script('leave.sh', `sleep 1000 & echo $! > ${folder}/leave.pid; exit 0`);
    const result = await run(command);
    assert.equal(result.ok, true);
    assert.ok(result.duration < ample, `${result.duration} ms`);
    await gone(`${folder}/leave.pid`);
  });

  it('does not wait for a process that has left the group with the output in its hands', async () => {
    const command = script(
      'daemon.sh',
      `setsid sh -c 'echo $$ > ${folder}/daemon.pid; exec sleep 1000' & sleep 0.5; exit 1`,
    );
    const result = await run(command);
    assert.equal(result.reason, 'command: exit status 1');
    assert.ok(result.duration < ample, `${result.duration} ms`);
    process.kill(pidIn(`${folder}/daemon.pid`), 'SIGKILL');
  });
});

function pidIn(file: string): number {
  return Number(readFileSync(file, 'utf8'));
}

async function gone(file: string): Promise<void> {
  const pid = pidIn(file);
  assert.ok(pid > 1);
  await until(`process ${pid} is gone`, () => !alive(pid));
}
