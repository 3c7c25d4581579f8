import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { type DestinationIdentity, destinationKey, serviceKey } from '../../../src/ipvs/table.js';
import { loopThrough, ownAddresses, type Way } from '../../../src/ipvs/userspace/loops.js';

/** `tcp 192.0.2.1 80` and where it leads, `192.0.2.2 80`. */
function ways(...lines: readonly [string, ...string[]][]): Map<string, Way> {
  return new Map(
    lines.map(([at, ...to]) => {
      const service = serviceOf(at);
      const destinations = new Map(to.map(destinationOf).map((one) => [destinationKey(one), one]));
      return [serviceKey(service), { service, destinations }];
    }),
  );
}

function serviceOf(text: string): Way['service'] {
  const [protocol, address = '', port] = text.split(' ');
  const family = address.includes(':') ? 'inet6' : 'inet';
  return { protocol: protocol === 'udp' ? 'udp' : 'tcp', family, address, port: Number(port) };
}

function destinationOf(text: string): DestinationIdentity {
  const [address = '', port] = text.split(' ');
  return { address, port: Number(port) };
}

const own = new Set(['10.0.0.1', '2001:db8::1', 'fe80::1']);
const isLocal = (address: string): boolean => own.has(address.split('%')[0] ?? '');

function found(table: Map<string, Way>, service: string, destination: string): readonly string[] | null {
  return loopThrough(table, serviceOf(service), destinationOf(destination), isLocal);
}

test('a service that listens everywhere ends at itself at every address of this machine, and at no other', () => {
  const table = ways(['tcp 0.0.0.0 80'], ['tcp :: 80']);
  const [everywhere, everywhere6] = [['tcp 0.0.0.0:80'], ['tcp [::]:80']];
  assert.deepEqual(found(table, 'tcp 0.0.0.0 80', '10.0.0.1 80'), everywhere);
  // Port 0 is that of the service.
  assert.deepEqual(found(table, 'tcp 0.0.0.0 80', '10.0.0.1 0'), everywhere);
  assert.deepEqual(found(table, 'tcp 0.0.0.0 80', '::ffff:10.0.0.1 80'), everywhere);
  assert.deepEqual(found(table, 'tcp :: 80', '2001:db8:0::1 80'), everywhere6);
  assert.deepEqual(found(table, 'tcp :: 80', 'fe80::1%eth0 80'), everywhere6);
  for (const other of ['10.0.0.2 80', '10.0.0.1 81', '2001:db8::2 80']) {
    assert.equal(found(table, 'tcp 0.0.0.0 80', other), null, other);
  }
  assert.equal(found(ways(['udp 0.0.0.0 53']), 'tcp 10.0.0.2 53', '10.0.0.1 53'), null);
});

test('who listens to the address goes before who listens to all', () => {
  const table = ways(['tcp 0.0.0.0 80', '10.0.0.1 80'], ['tcp 10.0.0.1 80', '10.0.0.9 80']);
  assert.equal(found(table, 'tcp 0.0.0.0 80', '10.0.0.1 80'), null);
});

test('services that lead to services are followed, and loops on the way that are not its own end the search', () => {
  const table = ways(
    ['tcp 10.0.0.1 1', '10.0.0.1 2'],
    ['tcp 10.0.0.1 2', '10.0.0.9 9', '10.0.0.1 3'],
    ['tcp 10.0.0.1 3', '10.0.0.1 2', '10.0.0.1 1'],
    ['tcp 10.0.0.1 4'],
  );
  assert.deepEqual(found(table, 'tcp 10.0.0.1 1', '10.0.0.1 2'), [
    'tcp 10.0.0.1:2',
    'tcp 10.0.0.1:3',
    'tcp 10.0.0.1:1',
  ]);
  assert.equal(found(table, 'tcp 10.0.0.1 4', '10.0.0.1 1'), null);
});

test('the addresses of this machine are those of its interfaces, and all of the loopback network', () => {
  const ours = ownAddresses();
  const addresses = Object.values(networkInterfaces()).flatMap(
    (entries) => entries?.map(({ address }) => address) ?? [],
  );
  for (const address of [...addresses, '127.0.0.1', '127.250.0.1']) assert.ok(ours(address), address);
  for (const address of ['192.0.2.77', '2001:db8::77']) assert.ok(!ours(address), address);
});
