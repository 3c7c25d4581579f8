import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressesOnPaths, adviseOnPaths, type DeviceSettings } from '../../../src/config/diagnostics/path-advice.js';
import { configOf } from '../../helpers/configuration.js';

const config = configOf(`virtual=192.0.2.1:80
	real=10.0.0.1:80 gate
	real=10.0.0.2:80 masq
	checkpath=forwarded
virtual=192.0.2.2:80
	real=10.0.0.3:80 ipip
	checkpath=forwarded
virtual=192.0.2.3:80
	real=10.0.0.4:80 gate
virtual6=[2001:db8::1]:80
	real6=[2001:db8::2]:80 gate
	checkpath=forwarded
virtual=7
	real=10.0.0.5:80 gate
`);

/** The service addresses are on one interface, the servers behind another. */
const deviceOf = (address: string): string | null => (address.startsWith('10.') ? 'eth1.5' : 'eth0');

function said(settings: DeviceSettings, where = deviceOf): string[] {
  const facts = { deviceOf: where, settings: new Map([['eth1.5', settings]]) };
  return adviseOnPaths(config, facts).map(({ severity, code, message, span }) => {
    assert.deepEqual([severity, code], ['warning', 'path-closed']);
    return `${span.line} ${message.replace(/^.*: set /, '')}`;
  });
}

test('asked are addresses of IPv4 that forwarded checks go to', () => {
  assert.deepEqual([...addressesOnPaths(config)], ['192.0.2.1', '10.0.0.1', '192.0.2.2', '10.0.0.3']);
});

test('where answers would be dropped the sysctl is named that lets them in', () => {
  assert.deepEqual(said({ acceptLocal: 1, reverseFilter: 0 }), []);
  assert.deepEqual(said({ acceptLocal: 1, reverseFilter: 2 }), []);
  assert.deepEqual(said({ acceptLocal: 0, reverseFilter: 1 }), [
    '1 sysctl net.ipv4.conf.eth1/5.accept_local=1 (and 1 more virtual services)',
    '1 sysctl net.ipv4.conf.eth1/5.rp_filter=2 (and 1 more virtual services)',
  ]);
  assert.deepEqual(said({ acceptLocal: null, reverseFilter: null }), [], 'what cannot be read is not judged');
});

test('the filter by way lets in what comes from an address of the same interface', () => {
  const onOneCable = () => 'eth1.5';
  assert.deepEqual(said({ acceptLocal: 1, reverseFilter: 1 }, onOneCable), []);
  const unknown = (address: string) => (address.startsWith('10.') ? 'eth1.5' : null);
  assert.deepEqual(said({ acceptLocal: 1, reverseFilter: 1 }, unknown), []);
  assert.deepEqual(
    said({ acceptLocal: 0, reverseFilter: 1 }, () => 'eth0'),
    [],
  );
});
