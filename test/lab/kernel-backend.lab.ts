/** Every kind of object, written to the kernel and read back; ipvsadm has to agree. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { KernelClient } from '../../src/ipvs/kernel/client.js';
import { type Destination, destinationKey, type Service, serviceKey } from '../../src/ipvs/table.js';
import { building } from '../ipvs/conformance/fixture.js';

/** With an empty table. */
async function opened(t: TestContext): Promise<KernelClient> {
  const client = new KernelClient();
  t.after(() => client.close());
  await client.flush();
  return client;
}

function ipvsadm(...args: string[]): string[] {
  return execFileSync('ipvsadm', args, { encoding: 'utf8' }).trim().split('\n');
}

const plain = { scheduler: 'wrr', schedflags: [], persistent: 0, netmask: 32, ops: false } as const;
const plain6 = { ...plain, netmask: 128 } as const;
const server = { forward: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 } as const;
const idle = { activeConnections: 0, inactiveConnections: 0, persistentConnections: 0 };

interface Case {
  readonly service: Service;
  readonly destinations: readonly Destination[];
  /** As ipvsadm takes them, and prints them but for the thresholds. */
  readonly lines: readonly string[];
}

const tcp = { protocol: 'tcp', family: 'inet', address: '192.0.2.1', port: 80 } as const;
const tcp6 = { protocol: 'tcp', family: 'inet6', address: '2001:db8::1', port: 80 } as const;

const cases: readonly Case[] = [
  {
    service: { ...tcp, ...plain },
    destinations: [
      { ...server, address: '10.0.0.1', port: 80 },
      { ...server, address: '10.0.0.2', port: 8080, forward: 'masq', weight: 0 },
      { ...server, address: '10.0.0.3', port: 80, forward: 'ipip', weight: 65535 },
      { ...server, address: '10.0.0.4', port: 80, upperThreshold: 200, lowerThreshold: 100 },
      { ...server, address: '127.0.0.1', port: 8080, forward: 'masq' },
    ],
    lines: [
      '-A -t 192.0.2.1:80 -s wrr',
      '-a -t 192.0.2.1:80 -r 10.0.0.1:80 -g -w 1',
      '-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 0',
      '-a -t 192.0.2.1:80 -r 10.0.0.3:80 -i -w 65535 --tun-type ipip',
      '-a -t 192.0.2.1:80 -r 10.0.0.4:80 -g -w 1 -x 200 -y 100',
      '-a -t 192.0.2.1:80 -r 127.0.0.1:8080 -m -w 1',
    ],
  },
  {
    service: { ...tcp, port: 81, ...plain },
    destinations: [
      {
        ...server,
        address: '10.0.0.1',
        port: 81,
        forward: 'ipip',
        tunnel: { type: 'gue', port: 6080, checksum: 'none' },
      },
      {
        ...server,
        address: '10.0.0.2',
        port: 81,
        forward: 'ipip',
        tunnel: { type: 'gue', port: 6080, checksum: 'full' },
      },
      {
        ...server,
        address: '10.0.0.3',
        port: 81,
        forward: 'ipip',
        tunnel: { type: 'gue', port: 6080, checksum: 'remote' },
      },
      { ...server, address: '10.0.0.4', port: 81, forward: 'ipip', tunnel: { type: 'gre', checksum: 'none' } },
      { ...server, address: '10.0.0.5', port: 81, forward: 'ipip', tunnel: { type: 'gre', checksum: 'full' } },
      { ...server, address: '2001:db8::5', port: 81, forward: 'ipip' },
    ],
    lines: [
      '-A -t 192.0.2.1:81 -s wrr',
      '-a -t 192.0.2.1:81 -r 10.0.0.1:81 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum',
      '-a -t 192.0.2.1:81 -r 10.0.0.2:81 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum',
      '-a -t 192.0.2.1:81 -r 10.0.0.3:81 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum',
      '-a -t 192.0.2.1:81 -r 10.0.0.4:81 -i -w 1 --tun-type gre --tun-nocsum',
      '-a -t 192.0.2.1:81 -r 10.0.0.5:81 -i -w 1 --tun-type gre --tun-csum',
      '-a -t 192.0.2.1:81 -r [2001:db8::5]:81 -i -w 1 --tun-type ipip',
    ],
  },
  {
    service: { ...tcp, port: 82, ...plain, persistent: 600, netmask: 24 },
    destinations: [],
    lines: ['-A -t 192.0.2.1:82 -s wrr -p 600 -M 255.255.255.0'],
  },
  {
    service: { ...tcp, port: 83, ...plain, scheduler: 'sh', schedflags: ['sh-fallback', 'sh-port'] },
    destinations: [],
    lines: ['-A -t 192.0.2.1:83 -s sh -b sh-fallback,sh-port'],
  },
  {
    service: { ...tcp, port: 84, ...plain, scheduler: 'mh', schedflags: ['mh-port'] },
    destinations: [],
    lines: ['-A -t 192.0.2.1:84 -s mh -b mh-port'],
  },
  {
    service: { ...tcp, port: 85, ...plain, schedflags: ['flag-1', 'flag-2', 'flag-3'] },
    destinations: [],
    lines: ['-A -t 192.0.2.1:85 -s wrr -b flag-1,flag-2,flag-3'],
  },
  {
    service: { ...tcp, port: 0, ...plain, scheduler: 'rr', persistent: 60 },
    destinations: [],
    lines: ['-A -t 192.0.2.1:0 -s rr -p 60'],
  },
  {
    service: { ...tcp, protocol: 'udp', port: 53, ...plain, ops: true },
    destinations: [],
    lines: ['-A -u 192.0.2.1:53 -s wrr -o'],
  },
  {
    service: { ...tcp, protocol: 'udp', port: 5060, ...plain, persistent: 20, persistenceEngine: 'sip' },
    destinations: [],
    lines: ['-A -u 192.0.2.1:5060 -s wrr -p 20 --pe sip'],
  },
  {
    service: { ...tcp, protocol: 'sctp', port: 132, ...plain },
    destinations: [{ ...server, address: '10.0.0.1', port: 132 }],
    lines: ['-A --sctp-service 192.0.2.1:132 -s wrr', '-a --sctp-service 192.0.2.1:132 -r 10.0.0.1:132 -g -w 1'],
  },
  {
    service: { protocol: 'fwm', family: 'inet', mark: 5, ...plain },
    destinations: [{ ...server, address: '10.0.0.1', port: 0 }],
    lines: ['-A -f 5 -s wrr', '-a -f 5 -r 10.0.0.1:0 -g -w 1'],
  },
  {
    service: { protocol: 'fwm', family: 'inet6', mark: 77, ...plain6, persistent: 30, netmask: 48 },
    destinations: [{ ...server, address: '2001:db8::9', port: 0 }],
    lines: ['-A -f 77 -6 -s wrr -p 30 -M 48', '-a -f 77 -6 -r [2001:db8::9]:0 -g -w 1'],
  },
  {
    service: { ...tcp6, ...plain6, persistent: 30, netmask: 64 },
    destinations: [
      { ...server, address: '2001:db8:1::1:0:1', port: 80 },
      { ...server, address: '2001:db8::2', port: 8080, forward: 'masq', weight: 7 },
      { ...server, address: '10.0.0.6', port: 80, forward: 'ipip' },
    ],
    lines: [
      '-A -t [2001:db8::1]:80 -s wrr -p 30 -M 64',
      '-a -t [2001:db8::1]:80 -r [2001:db8:1::1:0:1]:80 -g -w 1',
      '-a -t [2001:db8::1]:80 -r [2001:db8::2]:8080 -m -w 7',
      '-a -t [2001:db8::1]:80 -r 10.0.0.6:80 -i -w 1 --tun-type ipip',
    ],
  },
];

async function assertHolds(client: KernelClient, expected: readonly Case[]): Promise<void> {
  const table = await client.list();
  assert.deepEqual([...table.keys()].sort(), expected.map(({ service }) => serviceKey(service)).sort());
  for (const { service, destinations } of expected) {
    const entry = table.get(serviceKey(service)) ?? assert.fail();
    assert.deepEqual(entry.service, service);
    assert.deepEqual(
      new Map([...entry.destinations].sort()),
      new Map(destinations.map((d) => [destinationKey(d), { ...d, ...idle }] as const).sort()),
    );
  }
}

test('every kind of object is read back as it was written, and ipvsadm sees the same', async (t) => {
  const client = await opened(t);
  const written = cases.flatMap(({ service, destinations }) => building(service, destinations));
  assert.deepEqual(
    (await client.apply(written)).filter((failure) => failure !== null),
    [],
  );
  await assertHolds(client, cases);
  assert.deepEqual(
    ipvsadm('-Sn').sort(),
    cases.flatMap(({ lines }) => lines.map((line) => line.replace(/ -x \d+ -y \d+$/, ''))).sort(),
  );
});

test('what ipvsadm writes is read as it was meant', async (t) => {
  const client = await opened(t);
  for (const line of cases.flatMap(({ lines }) => lines)) ipvsadm(...line.split(' '));
  await assertHolds(client, cases);
});
