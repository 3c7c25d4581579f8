import assert from 'node:assert/strict';
import { test } from 'node:test';
import { routeKey } from '../../../src/path/machine.js';
import type { Need } from '../../../src/path/need.js';
import { answersQuestion, answersRule, answersTable } from '../../../src/path/needs/answers-route.js';
import { commandsBack, commandsFor } from '../../../src/path/needs/commands.js';
import { isMet, questionsOf } from '../../../src/path/needs/judge.js';
import { links, machine } from '../machines.js';

const sysctl = (parts: Partial<Need & { kind: 'sysctl' }>): Need & { kind: 'sysctl' } => {
  return { kind: 'sysctl', key: 'net.ipv4.ip_forward', value: '1', also: [], beside: [], ...parts };
};
const tunnel: Need = { kind: 'link', name: 'tunl0', module: 'ipip' };
const address: Need = { kind: 'address', family: 'inet', address: '203.0.113.10', prefix: 32, device: 'lo' };
const answers: Need & { kind: 'answers' } = {
  kind: 'answers',
  family: 'inet',
  from: '10.0.0.1',
  protocol: 'tcp',
  ports: { from: 80, to: 80 },
  gateway: '10.0.0.254',
};
const nothing = machine();

test('a sysctl is set, and set back', () => {
  const before = machine({ sysctls: new Map([['net.ipv4.ip_forward', '0']]) });
  assert.equal(isMet(sysctl({}), before), false);
  assert.deepEqual(commandsFor(sysctl({}), before), ['sysctl -w net.ipv4.ip_forward=1']);
  assert.deepEqual(commandsBack(sysctl({}), before), ['sysctl -w net.ipv4.ip_forward=0']);
  const after = machine({ sysctls: new Map([['net.ipv4.ip_forward', '1']]) });
  assert.equal(isMet(sysctl({}), after), true);
  assert.deepEqual(commandsFor(sysctl({}), after), []);
  assert.deepEqual(commandsBack(sysctl({}), after), []);
});

test('of settings beside each other the greatest counts', () => {
  const need = sysctl({ key: 'net.ipv4.conf.lo.arp_ignore', beside: ['net.ipv4.conf.all.arp_ignore'] });
  const values = (own: string, all: string) => {
    return machine({
      sysctls: new Map([
        ['net.ipv4.conf.lo.arp_ignore', own],
        ['net.ipv4.conf.all.arp_ignore', all],
      ]),
    });
  };
  assert.equal(isMet(need, values('0', '1')), true);
  assert.equal(isMet(need, values('1', '0')), true);
  assert.equal(isMet(need, values('0', '0')), false);
  assert.equal(isMet(need, values('1', '2')), false);
  assert.equal(isMet(sysctl({ ...need, also: ['2'] }), values('1', '2')), true);
});

test('a setting that the kernel does not have is not met, and has nothing to be set back to', () => {
  assert.equal(isMet(sysctl({}), nothing), false);
  assert.deepEqual(commandsFor(sysctl({}), nothing), ['sysctl -w net.ipv4.ip_forward=1']);
  assert.deepEqual(commandsBack(sysctl({}), nothing), []);
});

test('a value of several words is one to the shell, and compared as the kernel shows it', () => {
  const need = sysctl({ key: 'net.ipv4.ip_local_port_range', value: '1024 65000' });
  const before = machine({ sysctls: new Map([['net.ipv4.ip_local_port_range', '32768\t60999']]) });
  assert.deepEqual(commandsFor(need, before), ["sysctl -w 'net.ipv4.ip_local_port_range=1024 65000'"]);
  assert.deepEqual(commandsBack(need, before), ["sysctl -w 'net.ipv4.ip_local_port_range=32768 60999'"]);
  const after = machine({ sysctls: new Map([['net.ipv4.ip_local_port_range', '1024\t65000']]) });
  assert.equal(isMet(need, after), true);
});

test('a module is loaded, and unloaded unless it is in use', () => {
  const need: Need = { kind: 'module', name: 'ip_vs' };
  assert.deepEqual(commandsFor(need, nothing), ['modprobe ip_vs']);
  assert.deepEqual(commandsBack(need, nothing), ['modprobe -r ip_vs 2>/dev/null || true']);
  assert.deepEqual(commandsFor(need, machine({ modules: new Set(['ip_vs']) })), []);
});

test('a module goes alone where those that it needs were there before', () => {
  const back = (name: string, ...loaded: string[]) => {
    return commandsBack({ kind: 'module', name }, machine({ modules: new Set(loaded) }));
  };
  assert.deepEqual(back('ip_vs', 'nf_conntrack'), ['rmmod ip_vs 2>/dev/null || true']);
  assert.deepEqual(back('ip_vs_wrr'), ['rmmod ip_vs_wrr 2>/dev/null || true']);
});

test('forwarding takes back what it changes along with it', () => {
  const before = machine({
    sysctls: new Map([
      ['net.ipv4.ip_forward', '0'],
      ['net.ipv4.conf.all.accept_redirects', '0'],
    ]),
  });
  assert.deepEqual(commandsBack(sysctl({}), before), [
    'sysctl -w net.ipv4.ip_forward=0',
    'sysctl -w net.ipv4.conf.all.accept_redirects=0',
  ]);
});

test('a link comes with its module, and goes with it', () => {
  assert.deepEqual(commandsFor(tunnel, nothing), ['modprobe ipip', 'ip link set tunl0 up']);
  assert.deepEqual(commandsBack(tunnel, nothing), ['ip link set tunl0 down', 'modprobe -r ipip 2>/dev/null || true']);
});

test('a link that was there and down is down again', () => {
  const before = machine({ links: links({ name: 'tunl0', isUp: false }) });
  assert.deepEqual(commandsFor(tunnel, before), ['ip link set tunl0 up']);
  assert.deepEqual(commandsBack(tunnel, before), ['ip link set tunl0 down']);
  assert.deepEqual(commandsFor(tunnel, machine({ links: links({ name: 'tunl0' }) })), []);
});

test('an address is that with its prefix, on its device', () => {
  assert.deepEqual(commandsFor(address, nothing), ['ip address add 203.0.113.10/32 dev lo']);
  assert.deepEqual(commandsBack(address, nothing), ['ip address del 203.0.113.10/32 dev lo']);
  const own = { family: 'inet', address: '203.0.113.10', prefix: 32, device: 'lo', label: null } as const;
  assert.deepEqual(commandsFor(address, machine({ addresses: [own] })), []);
  assert.equal(isMet(address, machine({ addresses: [{ ...own, prefix: 24 }] })), false);
  assert.equal(isMet(address, machine({ addresses: [{ ...own, device: 'eth0' }] })), false);
});

test('answers have a rule and a table of their own', () => {
  const table = answersTable(answers);
  assert.deepEqual(commandsFor(answers, nothing), [
    `ip route replace default via 10.0.0.254 table ${table}`,
    `ip rule add priority 21000 from 10.0.0.1 ipproto 6 sport 80 table ${table}`,
  ]);
  assert.deepEqual(commandsBack(answers, nothing), [
    `ip rule del priority 21000 from 10.0.0.1 ipproto 6 sport 80 table ${table}`,
    `ip route del default via 10.0.0.254 table ${table} 2>/dev/null || true`,
  ]);
});

test('the table of a gateway is the same wherever it is asked for, and nobody else’s', () => {
  assert.equal(answersTable(answers), 1280756522);
  for (let host = 0; host < 256; host += 1) {
    const table = answersTable({ family: 'inet', gateway: `10.0.0.${host}` });
    assert.ok(table > 255 && table < 2 ** 32);
  }
});

test('a rule that has stayed when its route went is not added again', () => {
  const commands = commandsFor(answers, machine({ rules: [answersRule(answers)] }));
  assert.deepEqual(commands, [`ip route replace default via 10.0.0.254 table ${answersTable(answers)}`]);
});

test('answers of IPv6 and of many ports are spelt as ip has them', () => {
  const need = {
    ...answers,
    family: 'inet6',
    from: '2001:db8::1',
    gateway: '2001:db8::fe',
    ports: { from: 80, to: 90 },
  } as const;
  const [route = '', rule = ''] = commandsFor(need, nothing);
  assert.match(route, /^ip -6 route replace default via 2001:db8::fe table \d+$/);
  assert.match(rule, /^ip -6 rule add priority 21000 from 2001:db8::1 ipproto 6 sport 80-90 table \d+$/);
});

test('answers are met where they go by the gateway, however that comes', () => {
  const key = routeKey(answersQuestion(answers));
  const by = (gateway: string | null) => {
    return machine({
      routes: new Map([[key, { device: 'eth0', gateway, source: null, isLocal: false, isAdvertised: false }]]),
    });
  };
  assert.equal(isMet(answers, by('10.0.0.254')), true);
  assert.equal(isMet(answers, by('10.0.0.1')), false);
  assert.equal(isMet(answers, by(null)), false);
  assert.equal(isMet(answers, machine({ routes: new Map([[key, null]]) })), false);
  assert.equal(isMet(answers, nothing), false);
});

test('each question is asked once', () => {
  const beside = sysctl({ key: 'net.ipv4.conf.lo.arp_ignore', beside: ['net.ipv4.conf.all.arp_ignore'] });
  const all = sysctl({ key: 'net.ipv4.conf.all.arp_ignore' });
  const questions = questionsOf([beside, all, tunnel, address, answers, { ...answers }]);
  assert.deepEqual(questions.sysctls, ['net.ipv4.conf.lo.arp_ignore', 'net.ipv4.conf.all.arp_ignore']);
  assert.deepEqual(questions.routes, [
    { family: 'inet', to: '192.0.0.8', from: '10.0.0.1', source: { protocol: 'tcp', port: 80 } },
    { family: 'inet', to: '10.0.0.254' },
  ]);
});

test('a name with a blank is one word', () => {
  const need: Need = { kind: 'link', name: "a b'c", module: null };
  assert.deepEqual(commandsFor(need, nothing), ["ip link set 'a b'\\''c' up"]);
});
