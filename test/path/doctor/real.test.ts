import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knockKey } from '../../../src/path/doctor/at-doors.js';
import { doorsOf } from '../../../src/path/doctor/doors.js';
import type { Finding } from '../../../src/path/doctor/finding.js';
import { examineReal, notExamined, notRead, type RealFacts } from '../../../src/path/doctor/real.js';
import type { Listener, Machine } from '../../../src/path/machine.js';
import { link } from '../machines.js';
import {
  at,
  director,
  directorMachine,
  fileOf,
  own,
  realMachine,
  realOf,
  rerouted,
  route,
  routeKeys,
  service,
  sysctls,
} from '../real-machines.js';

const reached = new Map([[knockKey({ own, port: 80 }), { failure: null }]]);

function examine(text: string, machine: Machine, facts: Partial<RealFacts> = {}): Finding[] {
  const real = realOf(text);
  return examineReal(real, doorsOf(real), {
    director: directorMachine,
    machine,
    firewall: [],
    clockAhead: 0,
    knocks: reached,
    ...facts,
  });
}

function codes(...args: Parameters<typeof examine>): string[] {
  return examine(...args).map(({ code }) => code);
}

function listening(...places: (readonly [address: string, port: number, protocol?: 'tcp' | 'udp'])[]): {
  listeners: Listener[];
} {
  const listeners = places.map(([address, port, protocol = 'tcp']): Listener => {
    return { protocol, family: address.includes(':') ? 'inet6' : 'inet', address, port };
  });
  return { listeners };
}

test('where all is well nothing is named', () => {
  for (const forward of ['gate', 'ipip', 'masq'] as const) {
    assert.deepEqual(examine(fileOf(forward), realMachine(forward)), [], forward);
  }
});

test('what is missing is named with how it was seen, and with the commands', () => {
  const changed = { 'net.ipv4.conf.all.arp_ignore': '0' };
  assert.deepEqual(examine(fileOf('gate'), realMachine('gate', { sysctls: sysctls(changed) })), [
    {
      code: 'arp-ignore',
      on: { server: own },
      object: 'net.ipv4.conf.all.arp_ignore',
      for: [`${service}:80`],
      seen: 'net.ipv4.conf.all.arp_ignore is 0, net.ipv4.conf.eth0.arp_ignore is 0',
      mend: ['sysctl -w net.ipv4.conf.all.arp_ignore=1'],
    },
  ]);
  const gone = rerouted('gate', [routeKeys.toService, route('eth0')]);
  const [missing, ...more] = examine(fileOf('gate'), { ...gone, addresses: [at('eth0', own, 24)] });
  assert.deepEqual(more, []);
  assert.equal(missing?.code, 'service-address-missing');
  assert.equal(missing.seen, `no device has ${service}`);
  assert.deepEqual(missing.mend, [`ip address add ${service}/32 dev lo`]);
});

test('an address in the wrong place is named once, and goes once it is in the right one', () => {
  const onLink = realMachine('gate', { addresses: [at('eth0', own, 24), at('eth0', service, 16)] });
  const [heard, ...more] = examine(fileOf('gate'), onLink);
  assert.deepEqual(more, []);
  assert.equal(heard?.code, 'service-address-heard');
  assert.deepEqual(heard.mend, [`ip address add ${service}/32 dev lo`, `ip address del ${service}/16 dev eth0`]);

  const both = realMachine('gate', { addresses: [at('lo', service), at('eth0', service)] });
  assert.deepEqual(
    examine(fileOf('gate'), both).map(({ code, mend }) => [code, mend]),
    [['service-address-heard', [`ip address del ${service}/32 dev eth0`]]],
  );

  const wide = realMachine('ipip', { addresses: [at('tunl0', service, 16)] });
  assert.deepEqual(
    examine(fileOf('ipip'), wide).map(({ code, mend }) => [code, mend]),
    [['service-address-wide', [`ip address add ${service}/32 dev tunl0`, `ip address del ${service}/16 dev tunl0`]]],
  );
});

test('tunnels: down, and not there', () => {
  const withTunnel = (parts: readonly ReturnType<typeof link>[], settings = sysctls()): Machine =>
    realMachine('ipip', { links: new Map([link('lo'), link('eth0'), ...parts]), sysctls: settings });
  const down = withTunnel([link('tunl0', { kind: 'ipip', isUp: false })]);
  assert.deepEqual(
    examine(fileOf('ipip'), down).map(({ code, mend }) => [code, mend]),
    [['tunnel-down', ['ip link set tunl0 up']]],
  );
  const without = new Map([...sysctls()].filter(([key]) => !key.includes('tunl0')));
  const { routes } = rerouted('ipip', [routeKeys.toService, null]);
  const missing = { ...withTunnel([], without), addresses: [at('eth0', own, 24)], routes };
  assert.deepEqual(codes(fileOf('ipip'), missing), ['tunnel-down', 'service-address-missing']);
});

test('masq: answers that go elsewhere', () => {
  const other = route('eth0', { gateway: '192.168.1.254' });
  const machine = realMachine('masq');
  const routes = new Map([...machine.routes].map(([key, one]) => [key, one?.gateway ? other : one] as const));
  const [found, ...more] = examine(fileOf('masq'), { ...machine, routes });
  assert.deepEqual(more, []);
  assert.equal(found?.code, 'answers-elsewhere');
  assert.equal(found.seen, `what comes from ${own}, tcp port 80, goes by 192.168.1.254, eth0`);
  assert.match(found.mend.join('\n'), new RegExp(`ip rule add .*from ${own} ipproto 6 sport 80`));
});

test('who listens: at the address that packets come to', () => {
  const on = (forward: 'gate' | 'masq', ...places: Parameters<typeof listening>): string[] =>
    codes(fileOf(forward), realMachine(forward, listening(...places)), { knocks: new Map() });
  for (const forward of ['gate', 'masq'] as const) {
    assert.deepEqual(on(forward), ['not-listening'], forward);
    assert.deepEqual(on(forward, ['0.0.0.0', 80, 'udp']), ['not-listening'], forward);
    assert.deepEqual(on(forward, ['0.0.0.0', 81]), ['not-listening'], forward);
    assert.deepEqual(on(forward, ['127.0.0.1', 80]), ['listens-to-itself'], forward);
    assert.deepEqual(on(forward, ['127.0.0.1', 80], ['::1', 80]), ['listens-to-itself'], forward);
  }
  // Of IPv6 alone.
  assert.deepEqual(on('masq', ['::', 80]), ['listens-elsewhere']);
  assert.deepEqual(on('gate', ['::', 80]), ['listens-elsewhere', 'check-port-closed']);
  // The check goes to the server’s own address.
  assert.deepEqual(on('gate', [service, 80]), ['check-port-closed']);
  assert.deepEqual(on('gate', [own, 80]), ['listens-elsewhere']);
  assert.deepEqual(on('gate', [own, 80], [service, 80]), []);
  assert.deepEqual(on('masq', [own, 80]), []);
  assert.deepEqual(on('masq', [service, 80]), ['listens-elsewhere']);
});

test('a port that answers without a listener is forwarded to somebody: all is well', () => {
  const nobody = realMachine('masq', listening());
  assert.deepEqual(codes(fileOf('masq'), nobody), []);
  assert.deepEqual(codes(fileOf('masq'), nobody, { knocks: new Map() }), ['not-listening']);
});

test('checks and agents have ports of their own', () => {
  const text = fileOf('gate', 'checkport=8081', 'agent=3333', 'require=http:9000');
  const everywhere = [80, 8081, 3333, 9000].map((port) => ['0.0.0.0', port] as const);
  assert.deepEqual(codes(text, realMachine('gate', listening(...everywhere))), []);
  const machine = realMachine('gate', listening(['0.0.0.0', 80]));
  assert.deepEqual(
    examine(text, machine).map(({ code, object }) => [code, object]),
    [
      ['check-port-closed', 'tcp port 8081'],
      ['check-port-closed', 'tcp port 9000'],
      ['agent-port-closed', 'tcp port 3333'],
    ],
  );
  const quiet = fileOf('gate', 'checktype=ping', 'agent=10.0.0.9:3333');
  assert.deepEqual(codes(quiet, realMachine('gate')), []);
});

test('datagrams: who listens is seen, whether they arrive is not', () => {
  const text = `virtual=${service}:53\n\treal=${own}:53 gate\n\tprotocol=udp\n\tservice=dns\n\trequest="a.example"\n`;
  assert.deepEqual(codes(text, realMachine('gate', listening(['0.0.0.0', 53, 'udp']))), []);
  assert.deepEqual(codes(text, realMachine('gate', listening(['0.0.0.0', 53]))), ['not-listening']);
});

test('a port that the director does not reach: the firewall is named as what is likely', () => {
  const knocks = new Map([[knockKey({ own, port: 80 }), { failure: 'timed out' }]]);
  const seen = (firewall: readonly string[] | null): string => {
    const [found, ...more] = examine(fileOf('gate'), realMachine('gate'), { knocks, firewall });
    assert.deepEqual(more, []);
    assert.equal(found?.code, 'port-out-of-reach');
    return found.seen;
  };
  assert.match(seen(['table inet filter, chain input: policy drop']), /timed out; .*chain input: policy drop/);
  assert.match(seen([]), /no firewall/);
  assert.match(seen(null), /not for this user/);
  // Nobody listens there: that is why.
  const nobody = realMachine('gate', listening());
  assert.deepEqual(codes(fileOf('gate'), nobody, { knocks }), ['not-listening']);
  const onlyService = realMachine('gate', listening([service, 80]));
  assert.deepEqual(codes(fileOf('gate', 'checktype=on'), onlyService, { knocks }), []);
});

test('two ends of one link that differ in their MTU', () => {
  const small = realMachine('gate', { links: new Map([...realMachine('gate').links, link('eth0', { mtu: 1400 })]) });
  assert.deepEqual(codes(fileOf('gate'), small), ['mtu-differs']);
  const byGateway = route('back', { gateway: '192.168.1.9', source: director });
  const routes = new Map([...directorMachine.routes.keys()].map((key) => [key, byGateway]));
  assert.deepEqual(codes(fileOf('gate'), small, { director: { ...directorMachine, routes } }), []);
});

test('a clock that is off by more than some seconds', () => {
  const seen = (clockAhead: number | null): string[] =>
    examine(fileOf('gate'), realMachine('gate'), { clockAhead }).map((found) => found.seen);
  assert.deepEqual([seen(null), seen(5), seen(-5)], [[], [], []]);
  assert.deepEqual(seen(6), ['its clock is 6 s before that of the director']);
  assert.deepEqual(seen(-3600), ['its clock is 3600 s behind that of the director']);
});

test('a server that could not be examined is never well', () => {
  const fault = { code: 'host-key-differs', message: 'another key', remedy: 'ask who changed it' } as const;
  assert.deepEqual(notExamined(realOf(fileOf('gate')), fault), {
    code: 'ssh-host-key-differs',
    on: { server: own },
    object: own,
    for: [],
    seen: 'another key',
    mend: ['ask who changed it'],
  });
  const unread = notRead(realOf(fileOf('gate')), { message: 'it has no `ip`', remedy: 'apt-get install iproute2' });
  assert.equal(unread.code, 'server-not-read');
});
