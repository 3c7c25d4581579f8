import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { unitIn, unitOf } from '../../src/process/unit.js';

const groups: readonly (readonly [text: string, unit: string | null])[] = [
  ['0::/system.slice/ldirectord.service\n', 'ldirectord.service'],
  ['0::/system.slice/system-ldirectord.slice/ldirectord@web\\x2done.cf.service\n', 'ldirectord@web\\x2done.cf.service'],
  ['0::/system.slice/ldirectord.service/workers\n', 'ldirectord.service'],
  ['12:pids:/a.service\n1:name=systemd:/system.slice/b.service\n0::/\n', 'b.service'],
  ['0::/user.slice/user-0.slice/session-3.scope\n', null],
  ['0::/\n', null],
  ['', null],
];

test('the unit stands in the path of the control group', () => {
  for (const [text, unit] of groups) assert.equal(unitIn(text), unit, text);
});

test('who has no socket of the manager is nobody’s, nor is who is gone', async (t) => {
  const { NOTIFY_SOCKET: _, ...env } = process.env;
  const own = unitIn(await readFile('/proc/self/cgroup', 'latin1'));
  for (const [given, unit] of [
    [{}, null],
    [{ NOTIFY_SOCKET: '/run/nowhere' }, own],
  ] as const) {
    const child = spawn('sleep', ['60'], { env: { ...env, ...given } });
    t.after(() => child.kill('SIGKILL'));
    await once(child, 'spawn');
    assert.ok(child.pid !== undefined);
    assert.equal(await unitOf(child.pid), unit);
    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(await unitOf(child.pid), null);
  }
});
