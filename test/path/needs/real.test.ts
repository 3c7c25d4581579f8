import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from '../../../src/path/machine.js';
import { routeKey } from '../../../src/path/machine.js';
import type { Need } from '../../../src/path/need.js';
import { isMet } from '../../../src/path/needs/judge.js';
import { questionsToDirector, questionsToReal, realNeeds } from '../../../src/path/needs/real.js';
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

function needsOf(text: string, machine: Machine | null, on = directorMachine): Need[] {
  return realNeeds(realOf(text), on, machine).map(({ need }) => need);
}

function codes(text: string, machine: Machine): string[] {
  const unmet = realNeeds(realOf(text), directorMachine, machine).filter(({ need }) => !isMet(need, machine));
  return unmet.map(({ code }) => code);
}

const arpIgnore: Need = {
  kind: 'sysctl',
  key: 'net.ipv4.conf.all.arp_ignore',
  value: '1',
  also: ['2'],
  beside: [],
};
const arpAnnounce: Need = {
  kind: 'sysctl',
  key: 'net.ipv4.conf.all.arp_announce',
  value: '2',
  also: [],
  beside: [],
};

test('gate: quiet about the address before it has it', () => {
  assert.deepEqual(needsOf(fileOf('gate'), null), [
    arpIgnore,
    arpAnnounce,
    { kind: 'address', family: 'inet', address: service, prefix: 32, device: 'lo' },
  ]);
});

test('ipip: the tunnel before its settings, these before the address', () => {
  assert.deepEqual(needsOf(fileOf('ipip'), null), [
    arpIgnore,
    arpAnnounce,
    { kind: 'link', name: 'tunl0', module: 'ipip' },
    {
      kind: 'sysctl',
      key: 'net.ipv4.conf.tunl0.rp_filter',
      value: '2',
      also: ['0'],
      beside: ['net.ipv4.conf.all.rp_filter'],
    },
    { kind: 'address', family: 'inet', address: service, prefix: 32, device: 'tunl0' },
  ]);
});

test('masq: answers go by the director, but not with snat', () => {
  const answers = (port: number): Need => ({
    kind: 'answers',
    family: 'inet',
    from: own,
    protocol: 'tcp',
    ports: { from: port, to: port },
    gateway: director,
  });
  assert.deepEqual(needsOf(fileOf('masq'), null), [answers(80)]);
  // The server’s own port, to which the director translates.
  assert.deepEqual(needsOf(fileOf('masq').replace(`${own}:80`, `${own}:8080`), null), [answers(8080)]);
  assert.deepEqual(needsOf(fileOf('masq', 'snat=yes'), null), []);
});

test('masq over several ports: all of them, by both protocols', () => {
  const text = `virtual=${service}\n\tports=80,8000-8100\n\tprotocol=tcp,udp\n\treal=${own} masq\n`;
  const ranges = needsOf(text, null).map((need) => need.kind === 'answers' && [need.protocol, need.ports]);
  const [one, many] = [
    { from: 80, to: 80 },
    { from: 8000, to: 8100 },
  ];
  assert.deepEqual(ranges, [
    ['tcp', one],
    ['tcp', many],
    ['udp', one],
    ['udp', many],
  ]);
});

test('IPv6: what lo has is quiet by itself', () => {
  const [vip, real] = ['2001:db8:1::24', '2001:db8:2::16'];
  const text = (forward: string): string => `virtual6=[${vip}]:80\n\treal6=[${real}]:80 ${forward}\n`;
  const address = { kind: 'address', family: 'inet6', address: vip, prefix: 128 } as const;
  assert.deepEqual(needsOf(text('gate'), null), [{ ...address, device: 'lo' }]);
  assert.deepEqual(needsOf(text('ipip'), null), [
    { kind: 'link', name: 'ip6tnl0', module: 'ip6_tunnel' },
    { ...address, device: 'ip6tnl0' },
  ]);
});

test('a mark that somebody else gives: the tunnel, and nothing about addresses', () => {
  const text = (forward: string): string => `virtual=7\n\treal=${own} ${forward}\n`;
  const kinds = (forward: string): string[] => needsOf(text(forward), null).map(({ kind }) => kind);
  assert.deepEqual(kinds('gate'), []);
  assert.deepEqual(kinds('ipip'), ['link', 'sysctl']);
  assert.deepEqual(kinds('masq'), []);
});

test('one need for all services that have it', () => {
  const text = `${fileOf('gate')}\nvirtual=${service}:443\n\treal=${own}:443 gate\n`;
  const [first] = realNeeds(realOf(text), directorMachine, null);
  assert.deepEqual(first?.for, [`${service}:80`, `${service}:443`]);
  assert.equal(needsOf(text, null).length, 3);
});

test('where all is well nothing is missing', () => {
  for (const forward of ['gate', 'ipip', 'masq'] as const) {
    assert.deepEqual(codes(fileOf(forward), realMachine(forward)), [], forward);
  }
});

test('of arp_ignore and arp_announce the greater of all and of the device counts', () => {
  const conf = 'net.ipv4.conf';
  const with_ = (changed: Record<string, string>) =>
    codes(fileOf('gate'), realMachine('gate', { sysctls: sysctls(changed) }));
  const off = { [`${conf}.all.arp_ignore`]: '0', [`${conf}.all.arp_announce`]: '0' };
  assert.deepEqual(with_(off), ['arp-ignore', 'arp-announce']);
  assert.deepEqual(with_({ ...off, [`${conf}.eth0.arp_ignore`]: '1', [`${conf}.eth0.arp_announce`]: '2' }), []);
  assert.deepEqual(with_({ [`${conf}.all.arp_ignore`]: '2' }), []);
  // It answers for addresses of the whole machine, but for those of scope host.
  assert.deepEqual(with_({ [`${conf}.all.arp_ignore`]: '3' }), ['arp-ignore']);
  assert.deepEqual(with_({ [`${conf}.all.arp_announce`]: '1' }), ['arp-announce']);
});

test('an address that is quiet elsewhere serves as well', () => {
  const dummy = realMachine('gate', {
    links: new Map([...realMachine('gate').links, link('d0', { kind: 'dummy' })]),
    addresses: [at('eth0', own, 24), at('d0', service)],
  });
  assert.deepEqual(codes(fileOf('gate'), dummy), []);
  const onLoopback = realMachine('ipip', { addresses: [at('eth0', own, 24), at('lo', service)] });
  assert.deepEqual(codes(fileOf('ipip'), onLoopback), []);
  // `ip route add local 172.20.0.0/16 dev lo`
  const anyIp = realMachine('gate', { addresses: [at('eth0', own, 24)] });
  assert.deepEqual(codes(fileOf('gate'), anyIp), []);
  const none = rerouted('gate', [routeKeys.toService, route('eth0')]);
  assert.deepEqual(codes(fileOf('gate'), { ...none, addresses: anyIp.addresses }), ['service-address-missing']);
});

test('rp_filter of a tunnel: none or a loose one, with that of all', () => {
  const found = (all: string, tunnel: string): string[] => {
    const changed = { 'net.ipv4.conf.all.rp_filter': all, 'net.ipv4.conf.tunl0.rp_filter': tunnel };
    return codes(fileOf('ipip'), realMachine('ipip', { sysctls: sysctls(changed) }));
  };
  assert.deepEqual(found('0', '0'), []);
  assert.deepEqual(found('0', '1'), ['tunnel-rp-filter']);
  assert.deepEqual(found('1', '0'), ['tunnel-rp-filter']);
  assert.deepEqual(found('1', '2'), []);
  assert.deepEqual(found('2', '1'), []);
});

test('rp_filter of the device that packets come in at, where answers go by another', () => {
  const changed = { 'net.ipv4.conf.eth0.rp_filter': '1' };
  const one = realMachine('gate', { sysctls: sysctls(changed) });
  assert.deepEqual(codes(fileOf('gate'), one), []);
  const two = rerouted('gate', [routeKeys.elsewhere, route('eth1', { gateway: '10.0.0.1' })]);
  assert.deepEqual(codes(fileOf('gate'), { ...two, sysctls: sysctls(changed) }), ['reverse-path-filter']);
  assert.deepEqual(codes(fileOf('gate'), two), []);
});

test('masq: any address of the director is the gateway that it takes', () => {
  const shared = '192.168.1.254';
  const text = fileOf('masq');
  const machine = realMachine('masq');
  const gateway = route('eth0', { gateway: shared, source: own });
  const moved: Machine = { ...machine, routes: new Map([...machine.routes.keys()].map((key) => [key, gateway])) };
  assert.deepEqual(codes(text, moved), ['answers-elsewhere']);
  const on = { ...directorMachine, addresses: [...directorMachine.addresses, at('back', shared)] };
  assert.ok(realNeeds(realOf(text), on, moved).every(({ need }) => isMet(need, moved)));
});

test('questions: the way to the server, and from there what tells of each need', () => {
  const real = realOf(fileOf('masq'));
  assert.deepEqual(questionsToDirector(real), [{ family: 'inet', to: own }]);
  const { routes, sysctls: names } = questionsToReal(real, directorMachine);
  const keys = routes.map(routeKey);
  assert.deepEqual([...keys].sort(), [...new Set(keys)].sort());
  assert.ok(routes.some(({ source }) => source?.port === 80));
  assert.ok(names.includes('net.ipv4.conf.*.arp_ignore'));
});
