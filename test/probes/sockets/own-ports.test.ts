import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { isOwnPort } from '../../../src/probes/sockets/own-ports.js';

test('ports are own between the two that the kernel tells, both included', async (t) => {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'latin1').catch(() => null);
  if (text === null) return t.skip('this system does not tell');
  const [first = 0, last = 0] = text.trim().split(/\s+/).map(Number);
  assert.deepEqual([first - 1, first, last, last + 1].map(isOwnPort), [false, true, true, false]);
});
