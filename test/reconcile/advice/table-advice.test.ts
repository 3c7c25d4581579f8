import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnTable } from '../../../src/reconcile/advice/table-advice.js';
import { atOnce } from '../../../src/slices.js';
import { configOf } from '../../helpers/configuration.js';

function found(text: string): string[] {
  return atOnce(adviseOnTable(configOf(text))).map(({ severity, code, span, message }) => {
    assert.deepEqual([severity, code], ['warning', 'kernel-refuses']);
    return `${span.line}: ${message}`;
  });
}

test('what the kernel will refuse is told at its line', () => {
  const text = `virtual=192.0.2.1:80
	real=10.0.0.1:80 gate 1 l:50 u:5
	real=224.0.0.9:80 gate
	real=10.0.0.2:80 gate 1 l:5
	real=10.0.0.3:80 gate 1 l:5 u:50
	fallback=0.0.0.0:80
virtual=192.0.2.1:81
	real=10.0.0.1:81 gate
	scheduler=wrr
	schedflags=sh-port
virtual6=[2001:db8::1]:80
	real6=[::ffff:7f00:1]:80 gate
	real6=[2001:db8::2]:80 gate
`;
  assert.deepEqual(found(text), [
    '2: the kernel will refuse this real server: lower threshold 50 is above upper threshold 5 (ERANGE)',
    '3: the kernel will refuse this real server: not a unicast address (EINVAL)',
    '4: the kernel will refuse this real server: lower threshold 5 is above upper threshold 0 (ERANGE)',
    '1: the kernel will refuse its fallback server: not a unicast address (EINVAL)',
    '7: the kernel will refuse this virtual service: scheduler wrr has no flag sh-port (EINVAL)',
    '12: the kernel will refuse this real server: not a unicast address (EINVAL)',
  ]);
});

test('nothing is said of what has no address yet, or is fine', () => {
  assert.deepEqual(found('virtual=web.example.org:80\n\treal=www1.example.org:80 gate 1 l:50 u:5\n'), []);
  assert.deepEqual(found('virtual=192.0.2.1:80\n\treal=127.0.0.1:80 gate\n\tfallback=127.0.0.1\n'), []);
  assert.deepEqual(found('virtual=1\n\treal=10.0.0.1 gate\n\tscheduler=sh\n\tschedflags=sh-port\n'), []);
});
