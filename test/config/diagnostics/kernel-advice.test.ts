import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviseOnKernel } from '../../../src/config/diagnostics/kernel-advice.js';
import { configOf } from '../../helpers/configuration.js';

const file = `
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	persistent=60
	quiescent=yes
virtual=192.0.2.1:81
	real=10.0.0.1:81 gate
	persistent=60
	quiescent=no
virtual=192.0.2.1:82
	real=10.0.0.1:82 gate
	quiescent=yes
virtual=192.0.2.1:83
	real=10.0.0.1:83 gate
	persistent=60
	quiescent=yes
`;

const udp = `
virtual=192.0.2.1:53
	real=10.0.0.1:53 gate
	protocol=udp
	quiescent=yes
virtual=192.0.2.1:514
	real=10.0.0.1:514 gate
	protocol=udp
virtual=192.0.2.1:1812
	real=10.0.0.1:1812 gate
	protocol=udp
	quiescent=yes
	ops=yes
`;

function found(text: string, expireQuiescentTemplate: string | null, expireNodestConn: string | null): unknown[] {
  const settings = { expireQuiescentTemplate, expireNodestConn, conntrack: null };
  return adviseOnKernel(configOf(text), settings).map(({ code, span }) => [code, span.line]);
}

test('persistence is worth a warning while the kernel keeps sending clients to weight 0', () => {
  assert.deepEqual(found(file, '0', '0'), [
    ['quiescent-persistent', 2],
    ['drained-persistent', 6],
  ]);
  const [first] = adviseOnKernel(configOf(file), {
    expireQuiescentTemplate: '0',
    expireNodestConn: '0',
    conntrack: '0',
  });
  assert.match(first?.message ?? '', /\(and 1 more virtual services\)$/);
});

test('nothing is said where the kernel sends them on, or is not there', () => {
  assert.deepEqual(found(file, '1', '1'), []);
  assert.deepEqual(found(file, null, null), []);
  assert.deepEqual(found(udp, null, null), []);
});

test('a UDP client that keeps its port stays with a dead server, unless each packet is scheduled by itself', () => {
  assert.deepEqual(found(udp, '0', '0'), [
    ['quiescent-udp', 2],
    ['stale-udp', 6],
  ]);
  assert.deepEqual(found(udp, '1', '1'), [['quiescent-udp', 2]]);
});

test('the address of clients is translated only where IPVS shows netfilter its connections', () => {
  const codes = (forward: string, conntrack: string | null): string[] => {
    const config = configOf(`snat=yes\nvirtual=192.0.2.1:80\n\treal=10.0.0.1:80 ${forward}\n`);
    const settings = { expireQuiescentTemplate: null, expireNodestConn: null, conntrack };
    return adviseOnKernel(config, settings).map(({ code }) => code);
  };
  assert.deepEqual(codes('masq', '0'), ['snat-without-conntrack']);
  for (const conntrack of ['1', null]) assert.deepEqual(codes('masq', conntrack), []);
  assert.deepEqual(codes('gate', '0'), []);
});
