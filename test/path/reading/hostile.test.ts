import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MachineQuestions, routeKey } from '../../../src/path/machine.js';
import { readMachine } from '../../../src/path/reading/machine.js';

const route = { family: 'inet', to: '10.0.0.1' } as const;
const other = { family: 'inet', to: '10.0.0.2' } as const;
const questions: MachineQuestions = { sysctls: ['net.ipv4.ip_forward'], routes: [route, other] };

interface Answers {
  readonly sysctls?: string;
  readonly modules?: string;
  readonly links?: string;
  readonly addresses?: string;
  readonly routes?: string;
  readonly rules?: string;
  readonly listeners?: string;
}

/** As the script prints it. */
function answer({
  sysctls = '',
  modules = '',
  links = '[]',
  addresses = '[]',
  routes = '',
  rules = '',
  listeners = '',
}: Answers) {
  const sections = Object.entries({ sysctls, modules, links, addresses, routes, rules, listeners });
  return `Welcome!\n${sections.map(([name, text]) => `##ldirectord ${name}\n${text}\n`).join('\n')}\n##ldirectord end\n`;
}

function machine(answers: Answers) {
  const read = readMachine(questions, answer(answers));
  assert.ok(read.ok, JSON.stringify(read));
  return read.value;
}

test('devices with dots, and values of several words', () => {
  const { sysctls } = machine({
    sysctls:
      '/proc/sys/net/ipv4/conf/eth0.100/rp_filter:2\n/proc/sys/net/ipv4/ip_local_port_range:32768\t60999\n/etc/passwd:x\n',
  });
  assert.deepEqual(
    [...sysctls],
    [
      ['net.ipv4.conf.eth0/100.rp_filter', '2'],
      ['net.ipv4.ip_local_port_range', '32768 60999'],
    ],
  );
});

test('modules that are loaded, that are part of the kernel, and that show in sysfs', () => {
  const { modules } = machine({
    modules:
      'ip_vs 200704 4 ip_vs_rr, Live 0x0\nkernel/net/ipv4/tunnel4.ko\nkernel/lib/zstd-common.ko.xz\npart /sys/module/nf-nat\npart /sys/module/*\n',
  });
  assert.deepEqual([...modules], ['ip_vs', 'tunnel4', 'zstd_common', 'nf_nat']);
});

test('what ss prints', () => {
  const { listeners } = machine({
    listeners: [
      'tcp LISTEN 0      128          0.0.0.0:22        0.0.0.0:*          ',
      'tcp LISTEN 0      511                *:80              *:*',
      'tcp   LISTEN 0      5             [::1]:25           [::]:*',
      'udp   UNCONN 0      0     127.0.0.53%lo:53        0.0.0.0:*',
      'udp   UNCONN 0      0      [fe80::1]%eth0:546          [::]:*',
      'tcp LISTEN 0 5 [::ffff:10.0.0.1]:81 *:*',
      'Netid State Recv-Q',
    ].join('\n'),
  });
  assert.deepEqual(
    listeners.map(({ protocol, family, address, port }) => `${protocol} ${family} ${address} ${port}`),
    [
      'tcp inet 0.0.0.0 22',
      'tcp inet6 :: 80',
      'tcp inet 0.0.0.0 80',
      'tcp inet6 ::1 25',
      'udp inet 127.0.0.53 53',
      'udp inet6 fe80::1 546',
      'tcp inet 10.0.0.1 81',
    ],
  );
});

test('what /proc says of sockets', () => {
  const { listeners } = machine({
    listeners: [
      'tcp    0: 0100007F:0050 00000000:0000 0A 00000000:00000000',
      'tcp6   1: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0',
      'udp6   2: B80D0120000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0',
    ].join('\n'),
  });
  assert.deepEqual(
    listeners.map(({ protocol, family, address, port }) => `${protocol} ${family} ${address} ${port}`),
    ['tcp inet 127.0.0.1 80', 'tcp inet6 :: 443', 'tcp inet 0.0.0.0 443', 'udp inet6 2001:db8::1 53'],
  );
});

test('links of every kind', () => {
  const { links, addresses } = machine({
    links: JSON.stringify([
      {
        ifname: 'eth0',
        flags: ['UP', 'LOWER_UP'],
        mtu: 1500,
        link_type: 'ether',
        address: '02:00:00:00:00:01',
        master: 'br0',
      },
      {
        ifname: 'tunl0',
        flags: ['NOARP'],
        mtu: 1480,
        link_type: 'ipip',
        address: '0.0.0.0',
        linkinfo: { info_kind: 'ipip' },
      },
    ]),
    addresses: JSON.stringify([
      {
        ifname: 'eth0',
        addr_info: [
          { family: 'inet', local: '10.0.0.1', prefixlen: 24, label: 'eth0' },
          { family: 'inet', local: '10.0.0.9', prefixlen: 32, label: 'eth0:0' },
          { family: 'inet6', local: 'fe80::1', prefixlen: 64 },
        ],
      },
    ]),
  });
  assert.deepEqual(
    [...links.values()],
    [
      { name: 'eth0', kind: null, isUp: true, hasCarrier: true, mtu: 1500, mac: '02:00:00:00:00:01', master: 'br0' },
      { name: 'tunl0', kind: 'ipip', isUp: false, hasCarrier: false, mtu: 1480, mac: null, master: null },
    ],
  );
  assert.deepEqual(
    addresses.map(({ address, prefix, label }) => [address, prefix, label]),
    [
      ['10.0.0.1', 24, null],
      ['10.0.0.9', 32, 'eth0:0'],
      ['fe80::1', 64, null],
    ],
  );
});

test('routes: by a gateway of the other family, to nowhere, and none at all', () => {
  const via = '[{"dst":"10.0.0.2","via":{"family":"inet6","host":"fe80::2"},"dev":"eth0","prefsrc":"10.0.0.9"}]';
  const { routes } = machine({
    routes: `${via}\nRTNETLINK answers: Network is unreachable\nCommand failed -:1\n`,
  });
  assert.equal(routes.get(routeKey(route)), null);
  assert.deepEqual(routes.get(routeKey(other)), {
    device: 'eth0',
    gateway: 'fe80::2',
    source: '10.0.0.9',
    isLocal: false,
    isAdvertised: false,
  });
  const none = machine({ routes: '[{"type":"unreachable","dst":"10.0.0.1","dev":"lo"}]' });
  assert.equal(none.routes.get(routeKey(route)), null);
  assert.equal(none.routes.get(routeKey(other)), null);
});

test('rules for the answers of a service, and no others', () => {
  const ours =
    '{"priority":21000,"src":"10.0.0.1","ipproto":"ipproto-6","sport_start":80,"sport_end":90,"table":"1280704512"}';
  const others = [
    '{"priority":0,"src":"all","table":"255"}',
    '{"priority":9,"not":null,"src":"10.1.1.1","ipproto":"ipproto-6","sport":9,"table":"5"}',
    '{"priority":9,"src":"10.0.0.0","srclen":24,"ipproto":"tcp","sport":9,"table":"5"}',
    '{"priority":9,"src":"10.0.0.1","ipproto":"tcp","sport":9,"table":"main"}',
  ];
  const { rules } = machine({
    rules: `inet\n[${[ours, ...others].join()}]\ninet6\n[{"priority":1,"src":"2001:db8::1","ipproto":"udp","sport":53,"table":"9"}]`,
  });
  assert.deepEqual(rules, [
    {
      family: 'inet',
      priority: 21000,
      from: '10.0.0.1',
      protocol: 'tcp',
      ports: { from: 80, to: 90 },
      table: 0x4c56_0000,
    },
    { family: 'inet6', priority: 1, from: '2001:db8::1', protocol: 'udp', ports: { from: 53, to: 53 }, table: 9 },
  ]);
});

test('an answer that is cut off, or from a shell that is none, is a fault', () => {
  for (const text of ['', 'This account is not available.\n', answer({}).replace(/##ldirectord end\n/, '')]) {
    const read = readMachine(questions, text);
    assert.ok(!read.ok);
    assert.equal(read.fault.message, 'its answer is not whole');
  }
});

test('whatever a machine answers, nothing is thrown', () => {
  const odd = [
    'null',
    '1',
    '{}',
    '[null, 1, "x", [], {}]',
    '[{"ifname":1,"flags":2,"linkinfo":3,"mtu":"x","addr_info":[{"family":"inet","local":7}]}]',
    '[{"ifname":"__proto__","flags":["UP"],"addr_info":{"length":9}}]',
    `${'['.repeat(200_000)}`,
    '\u0000\ud800\u001b[2J',
    'x'.repeat(1_000_000),
    '[{"dev":{"toString":1},"via":[],"gateway":{}}]',
    'Command failed -:99999999999999999999\nCommand failed -:0',
    'tcp LISTEN 0 0 [::gg]:99999 x',
    'tcp LISTEN 0 0 [%]:1 x',
    'tcp LISTEN 0 0 []:1 x',
    'part /sys/module/../../x',
  ];
  for (const text of odd) {
    for (const name of ['sysctls', 'modules', 'links', 'addresses', 'routes', 'rules', 'listeners'] as const) {
      const read = readMachine(questions, answer({ [name]: text }));
      if (!read.ok) assert.match(read.fault.message, /`ip -json`/, `${name}: ${text.slice(0, 40)}`);
    }
  }
});
