import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isGoneWithin, signal } from '../../src/process/ending.js';

test('waits for a process to be gone, and no longer than told', async (t) => {
  const child = spawn('sleep', ['1000'], { argv0: 'ldirectord' });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  const pid = child.pid ?? assert.fail();
  assert.equal(await isGoneWithin(pid, 50), false);
  assert.equal(signal(pid, 'SIGTERM'), true);
  assert.equal(await isGoneWithin(pid, 20_000), true);
});

test('who has made room is not waited for', async (t) => {
  const child = spawn('sleep', ['1000'], { argv0: 'finishing: ldirectord' });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  assert.equal(await isGoneWithin(child.pid ?? assert.fail(), 20_000), true);
  assert.equal(child.exitCode, null);
});

test('a signal to nobody is told', () => {
  assert.equal(signal(99_999_999, 'SIGTERM'), false);
});
