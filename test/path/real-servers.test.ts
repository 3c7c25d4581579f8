import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machinesCalled, realMachines } from '../../src/path/real-servers.js';
import { configOf } from '../helpers/configuration.js';

function summary(text: string, directors: readonly string[] = []) {
  const machines = realMachines(configOf(text), (address) => directors.includes(address));
  return machines.map(({ name, addresses, places }) => [name, ...addresses, places.length]);
}

test('a host is one machine, whatever it is in', () => {
  const text = `virtual=192.0.2.1:80
\treal=10.0.0.1:80 gate
\treal=10.0.0.2:80 gate
\tfallback=10.0.0.9:80 masq
virtual=192.0.2.1:443
\treal=10.0.0.1:443 masq
\treal=10.0.0.1:8443 masq
`;
  assert.deepEqual(summary(text), [
    ['10.0.0.1', '10.0.0.1', 3],
    ['10.0.0.2', '10.0.0.2', 1],
    ['10.0.0.9', '10.0.0.9', 1],
  ]);
});

test('the director itself is no real server', () => {
  const text = 'virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\treal=10.0.0.254:80 masq\n\tfallback=127.0.0.1:80\n';
  assert.deepEqual(summary(text, ['10.0.0.254']), [['10.0.0.1', '10.0.0.1', 1]]);
});

test('a name and its address are one machine, and one of both families as well', () => {
  const config = configOf('virtual=192.0.2.1:80\n\treal=10.0.0.1:80 masq\n\treal=web1:81 masq\n\treal=web1:82 masq\n');
  const [virtual] = config.virtuals;
  assert.ok(virtual);
  const hosts = [
    { name: '10.0.0.1', address: '10.0.0.1' },
    { name: 'web1', address: '10.0.0.1' },
    { name: 'web1', address: 'fd00::1' },
  ];
  const realServers = virtual.realServers.map((real, index) => ({ ...real, host: hosts[index] ?? real.host }));
  const machines = realMachines({ ...config, virtuals: [{ ...virtual, realServers }] }, () => false);
  assert.deepEqual(
    machines.map(({ addresses }) => addresses),
    [['10.0.0.1', 'fd00::1']],
  );
  assert.equal(machinesCalled('[fd00::1]', machines)?.length, 1);
  assert.equal(machinesCalled('web2', machines), null);
});
