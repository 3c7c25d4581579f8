import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantedAddresses } from '../../../src/path/addresses/wanted.js';
import { configOf } from '../../helpers/configuration.js';

function wantedOf(text: string) {
  const { places, unknown } = wantedAddresses(configOf(text));
  const shown = [...places.values()].map(({ address, prefix, device, label, cleanstop }) => {
    return `${address}/${prefix} ${label ?? device} ${cleanstop ? 'goes' : 'stays'}`;
  });
  return { shown, unknown };
}

test('services with one address on one device have it together; one that stays keeps it', () => {
  const { shown } = wantedOf(`vip = eth0
virtual=192.0.2.1:80
\treal=10.0.0.1:80 masq
virtual=192.0.2.1:443
\tcleanstop = no
\treal=10.0.0.1:443 masq
virtual=192.0.2.1:8080
\tvip = eth1 eth1:web
\treal=10.0.0.1:80 masq
virtual6=[2001:db8::1]:80
\treal6=[2001:db8::2]:80 masq
virtual=192.0.2.2:80
\tvip = off
\treal=10.0.0.1:80 masq
virtual=192.0.2.3
\tports = 80,443
\treal=10.0.0.1 masq
virtual=7
\treal=10.0.0.1:80 masq
`);
  assert.deepEqual(shown, [
    '192.0.2.1/32 eth0 stays',
    '192.0.2.1/32 eth1:web goes',
    '2001:db8::1/128 eth0 goes',
    '192.0.2.3/32 eth0 goes',
  ]);
});

test('a name has none until it resolves, and may have had one', () => {
  const { shown, unknown } = wantedOf(`vip = eth0
virtual=shop.example.com:80
\treal=10.0.0.1:80 masq
`);
  assert.deepEqual(shown, []);
  assert.deepEqual(unknown, [{ family: 'inet', device: 'eth0' }]);
});

test('without vip there are none', () => {
  assert.deepEqual(wantedOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n'), { shown: [], unknown: [] });
});
