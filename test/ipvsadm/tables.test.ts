import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MeteredEntry, MeteredTable, Service } from '../../src/ipvs/table.js';
import { namesFrom, numbersAlone } from '../../src/ipvsadm/labels.js';
import type { Listing, View } from '../../src/ipvsadm/request.js';
import { savedText } from '../../src/ipvsadm/saved.js';
import { tableText } from '../../src/ipvsadm/tables.js';
import { parseServices } from '../../src/system/port-names.js';

const plain = { scheduler: 'wlc', schedflags: [], persistent: 0, netmask: 32, ops: false };
const server = { weight: 1, upperThreshold: 0, lowerThreshold: 0, activeConnections: 0, inactiveConnections: 0 };
const none = { connections: 0n, inPackets: 0n, outPackets: 0n, inBytes: 0n, outBytes: 0n };
const traffic = { total: { ...none, connections: 3n, inBytes: 123_456_789n }, rate: { ...none, outBytes: 17n } };

function entry(service: Service, ...destinations: readonly object[]): [string, MeteredEntry] {
  const all = destinations.map((destination, index) => [String(index), { ...server, ...destination }]);
  return [JSON.stringify(service), { service, destinations: new Map(all as never), traffic }];
}

/** In no order. */
const table: MeteredTable = new Map([
  entry(
    { protocol: 'fwm', family: 'inet6', mark: 9, ...plain, netmask: 128 },
    { address: 'fc00::2', port: 80, forward: 'gate', persistentConnections: 7, traffic },
  ),
  entry({ protocol: 'fwm', family: 'inet', mark: 3_000_000_000, ...plain, scheduler: 'rr' }),
  entry(
    {
      ...{ protocol: 'udp', family: 'inet', address: '10.0.0.1', port: 5060 },
      ...{ ...plain, scheduler: 'rr', schedflags: ['flag-1'], persistent: 20, netmask: 24, ops: true },
      persistenceEngine: 'sip',
    },
    { address: '10.1.0.3', port: 53, forward: 'masq', weight: 2_147_483_647, upperThreshold: 100, lowerThreshold: 50 },
    { address: '10.1.0.2', port: 5060, forward: 'ipip', tunnel: { type: 'gue', port: 6080, checksum: 'remote' } },
    { address: '10.1.0.1', port: 5060, forward: 'ipip', activeConnections: 12, inactiveConnections: 3 },
  ),
  entry({
    ...{ protocol: 'tcp', family: 'inet', address: '10.0.0.1', port: 80 },
    ...{ ...plain, scheduler: 'mh', schedflags: ['flag-3'], persistenceEngine: 'sip' },
  }),
]);

function shown(view: View, settings: Partial<Listing> = {}): string {
  return tableText(table, { view, exact: false, sorted: true, numeric: true, ...settings }, numbersAlone);
}

test('plain', () => {
  assert.equal(
    shown('plain'),
    `\
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
FWM  -1294967296 rr
TCP  10.0.0.1:80 mh ()
UDP  10.0.0.1:5060 rr (flag-1) persistent 20 mask 255.255.255.0 pe sip ops
  -> 10.1.0.1:5060                Tunnel  1      12         3         ${''}
  -> 10.1.0.2:5060                Tunnel  1      0          0         ${''}
  -> 10.1.0.3:53                  Masq    2147483647 0          0         ${''}
FWM  9 IPv6 wlc
  -> [fc00::2]:80                 Route   1      0          0         ${''}
`,
  );
});

test('unsorted, with names, which are cut off for IPv4', () => {
  const hosts = new Map([
    ['10.1.0.2', 'averyveryveryverylongnameindeed.example.org'],
    ['fc00::2', 'averyveryveryverylongnameindeedsix.example.org'],
  ]);
  const names = namesFrom(hosts, parseServices('sip 5060/udp\ndomain 53/udp\nhttp 80/tcp\n'));
  const lines = tableText(table, { view: 'plain', exact: false, sorted: false, numeric: false }, names).split('\n');
  assert.deepEqual(
    lines.slice(2, 9).map((line) => line.trimEnd()),
    [
      'FWM  9 IPv6 wlc',
      '  -> [averyveryveryverylongnameindeedsix.example.org]:80 Route   1      0          0',
      'FWM  -1294967296 rr',
      'UDP  10.0.0.1:sip rr (flag-1) persistent 20 mask 255.255.255.0 pe sip ops',
      '  -> 10.1.0.3:domain              Masq    2147483647 0          0',
      '  -> averyveryveryverylongnameind Tunnel  1      0          0',
      '  -> 10.1.0.1:sip                 Tunnel  1      12         3',
    ],
  );
});

test('the other columns', () => {
  const row = (view: View, settings: Partial<Listing> = {}) =>
    shown(view, settings)
      .split('\n')
      .filter((_, index) => [0, 1, 4, 6, 7, 9].includes(index));
  assert.deepEqual(row('stats'), [
    'Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes',
    '  -> RemoteAddress:Port',
    'UDP  10.0.0.1:5060                       3        0        0  123456K        0',
    '  -> 10.1.0.2:5060                       0        0        0        0        0',
    '  -> 10.1.0.3:53                         0        0        0        0        0',
    '  -> [fc00::2]:80                        3        0        0  123456K        0',
  ]);
  assert.equal(
    row('stats', { exact: true })[5],
    '  -> [fc00::2]:80                        3        0        0 123456789        0',
  );
  assert.deepEqual(row('rate').slice(0, 3), [
    'Prot LocalAddress:Port                 CPS    InPPS   OutPPS    InBPS   OutBPS',
    '  -> RemoteAddress:Port',
    'UDP  10.0.0.1:5060                       0        0        0        0       17',
  ]);
  assert.deepEqual(row('thresholds').slice(4), [
    '  -> 10.1.0.3:53                  100        50         0          0         ',
    '  -> [fc00::2]:80                 0          0          0          0         ',
  ]);
  assert.deepEqual(row('persistent-conn').slice(4), [
    '  -> 10.1.0.3:53                  2147483647 0           0          0         ',
    '  -> [fc00::2]:80                 1         7           0          0         ',
  ]);
  assert.deepEqual(row('tun-info').slice(3), [
    '  -> 10.1.0.2:5060                Tunnel  gue:6080:r+c  1      0          0         ',
    '  -> 10.1.0.3:53                  Masq    n/a           2147483647 0          0         ',
    '  -> [fc00::2]:80                 Route   n/a           1      0          0         ',
  ]);
});

test('as command lines', () => {
  assert.equal(
    savedText([...table.values()], numbersAlone),
    `\
-A -f -1294967296 -s rr
-A -t 10.0.0.1:80 -s mh --pe sip -b ${''}
-A -u 10.0.0.1:5060 -s rr -p 20 -M 255.255.255.0 --pe sip -o -b flag-1
-a -u 10.0.0.1:5060 -r 10.1.0.1:5060 -i -w 1 --tun-type ipip
-a -u 10.0.0.1:5060 -r 10.1.0.2:5060 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum
-a -u 10.0.0.1:5060 -r 10.1.0.3:53 -m -w 2147483647
-A -f 9 -6 -s wlc
-a -f 9 -6 -r [fc00::2]:80 -g -w 1
`,
  );
});
