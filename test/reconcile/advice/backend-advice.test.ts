import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilitiesOf } from '../../../src/ipvs/capabilities.js';
import { adviseOnBackend } from '../../../src/reconcile/advice/backend-advice.js';
import { atOnce } from '../../../src/slices.js';
import { configOf } from '../../helpers/configuration.js';

const schedulers = capabilitiesOf('userspace').schedulers.join(', ');

const text = `virtual=7
	real=10.0.0.1:80 masq
	cleanstop=no
virtual=192.0.2.1:0
	real=10.0.0.1:0 gate
virtual=192.0.2.1:81
	real=10.0.0.1:81 masq
	scheduler=four
	cleanstop=no
virtual=192.0.2.1:82
	real=10.0.0.1:82 masq
	real=10.0.0.2:82 ipip
virtual=192.0.2.1:83
	real=10.0.0.1:83 masq
	scheduler=sh
	persistent=60
	ops=yes
virtual=www.example.org:84
	real=10.0.0.1:84 masq
	scheduler=dh
`;

function found(name: 'kernel' | 'userspace' | 'memory'): string[] {
  return atOnce(adviseOnBackend(configOf(text), capabilitiesOf(name))).map(({ severity, code, span, message }) => {
    assert.equal(severity, 'warning');
    return `${span.line} ${code}: ${message}`;
  });
}

test('what the userspace backend cannot do is said at its line, what it does in another way once for the file', () => {
  const refuses = 'backend-refuses: the userspace backend will refuse this virtual service';
  const listens = 'listen: the userspace balancer has to listen to an address and a port, and';
  assert.deepEqual(found('userspace').toSorted(), [
    `1 ${refuses}: ${listens} a firewall mark names none; use the kernel backend (ENOTSUP)`,
    '1 useless-cleanstop: cleanstop=no has no effect: what the userspace balancer serves ends with its process (and 1 more virtual services)',
    `4 ${refuses}: ${listens} port 0 (every port) names none; use the kernel backend (ENOTSUP)`,
    "4 useless-forwarding: gate and ipip forward as masq does: the userspace balancer connects to real servers itself, and they see the director's address (and 1 more virtual services)",
    `6 ${refuses}: scheduler four: the userspace balancer has only ${schedulers} (ENOENT)`,
  ]);
});

test('the kernel can do all of it, and so does the table in memory', () => {
  assert.deepEqual(found('kernel'), []);
  assert.deepEqual(found('memory'), []);
});

test('a check cannot go as the kernel forwards where that does not forward', () => {
  const forwarded = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tcheckpath=forwarded\n');
  const codes = (name: 'kernel' | 'userspace' | 'memory') =>
    atOnce(adviseOnBackend(forwarded, capabilitiesOf(name))).map(({ severity, code }) => `${severity} ${code}`);
  assert.deepEqual(codes('userspace').toSorted(), ['error wrong-checkpath', 'warning useless-forwarding']);
  assert.deepEqual(codes('kernel'), []);
  assert.deepEqual(codes('memory'), ['warning wrong-checkpath']);
});

test('snat and ports: what the userspace balancer does of them is said', () => {
  const natted = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\tsnat=yes\n');
  const marked = configOf('virtual=192.0.2.1\n\tports=80,443\n\treal=10.0.0.1 masq\n');
  const codes = (config: typeof natted, name: 'kernel' | 'userspace' | 'memory') =>
    atOnce(adviseOnBackend(config, capabilitiesOf(name))).map(({ code }) => code);
  assert.deepEqual(codes(natted, 'userspace'), ['useless-snat']);
  assert.deepEqual(codes(marked, 'userspace'), ['backend-refuses']);
  for (const config of [natted, marked]) {
    assert.deepEqual(codes(config, 'kernel'), []);
    assert.deepEqual(codes(config, 'memory'), []);
  }
});

test('the PROXY protocol is for who forwards streams itself', () => {
  const config = configOf('proxyprotocol=v2\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n');
  const codes = (name: 'kernel' | 'userspace' | 'memory') =>
    atOnce(adviseOnBackend(config, capabilitiesOf(name))).map(({ code }) => code);
  assert.deepEqual(codes('kernel'), ['useless-proxyprotocol']);
  assert.deepEqual(codes('userspace'), []);
  assert.deepEqual(codes('memory'), []);
});
