import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareInSlices } from '../../src/config/differences.js';
import { atOnce } from '../../src/slices.js';
import { configOf } from '../helpers/configuration.js';

const text = `
checkinterval=5
virtual=192.0.2.1:80
	real=10.0.0.1:80 gate 3
	real=web2:80 gate
	passwd="hunter2"
virtual=7
	real=10.0.0.1 gate
`;

function between(before: string, after: string): string[] {
  return atOnce(compareInSlices(configOf(before), configOf(after)));
}

test('equal configurations differ in nothing, wherever their lines stand', () => {
  assert.deepEqual(between(text, text), []);
  assert.deepEqual(between(text, `# a comment\n${text}`), []);
});

test('what came, what went and what changed inside', () => {
  const after = text
    .replace('gate 3', 'masq 4')
    .replace('real=web2', 'real=web3')
    .replace('virtual=7', '\tscheduler=wlc\nvirtual=8');
  assert.deepEqual(between(text, after), [
    'virtual 192.0.2.1:80 (tcp): scheduler wrr -> wlc',
    'virtual 192.0.2.1:80 (tcp): real 10.0.0.1:80: forward gate -> masq',
    'virtual 192.0.2.1:80 (tcp): real 10.0.0.1:80: weight 3 -> 4',
    'virtual 192.0.2.1:80 (tcp): real web3:80: added',
    'virtual 192.0.2.1:80 (tcp): real web2:80: removed',
    'virtual 8 (fwm): added',
    'virtual 7 (fwm): removed',
  ]);
});

test('a name that got an address is told as such', () => {
  const before = configOf(text);
  const after = {
    ...before,
    virtuals: before.virtuals.map((virtual) => ({
      ...virtual,
      realServers: virtual.realServers.map((real) =>
        real.host.address === null ? { ...real, host: { name: real.host.name, address: '10.0.0.2' } } : real,
      ),
    })),
  };
  assert.deepEqual(atOnce(compareInSlices(before, after)), [
    'virtual 192.0.2.1:80 (tcp): real web2:80: host unresolved -> 10.0.0.2',
  ]);
});

test('a secret is never told', () => {
  assert.deepEqual(between(text, text.replace('hunter2', 'swordfish')), ['virtual 192.0.2.1:80 (tcp): passwd changed']);
});

test('a long list ends in a count', () => {
  const many = Array.from({ length: 30 }, (_, host) => `\treal=10.0.1.${host}:80 gate\n`).join('');
  const found = between(text, text.replace('virtual=7', `${many}virtual=7`));
  assert.equal(found.length, 21);
  assert.equal(found.at(-1), 'and 10 more');
});

test('fallbacks are told by their directive, all that count', () => {
  const one = `${text}\tfallback=127.0.0.1:80\n`;
  assert.deepEqual(between(text, one), ['virtual 7 (fwm): fallback none -> 127.0.0.1:80 gate']);
  assert.deepEqual(between(one, `${one}\tfallbackuse=all\n\tfallback=127.0.0.2:80 masq\n`), [
    'virtual 7 (fwm): fallback 127.0.0.1:80 gate -> 127.0.0.1:80 gate,127.0.0.2:80 masq',
    'virtual 7 (fwm): fallbackuse none -> all',
  ]);
});

test('a device is told with its label', () => {
  const on = (vip: string): string => text.replace('passwd="hunter2"', `vip=${vip}`);
  assert.deepEqual(between(on('eth0'), on('eth1 eth1:0')), ['virtual 192.0.2.1:80 (tcp): vip eth0 -> eth1 eth1:0']);
  assert.deepEqual(between(on('eth0'), on('off')), ['virtual 192.0.2.1:80 (tcp): vip eth0 -> none']);
});

test('whatever a directive holds, the same of it is no difference, and another one is told in the words of the file', () => {
  const values: readonly (readonly [keyword: string, before: string, after: string])[] = [
    ['agent', '3333', 'http://:8080/load'],
    ['checkpath', 'direct', 'forwarded'],
    ['fallback', '10.0.9.1:80 gate', '10.0.9.2:80 masq'],
    ['flapdamping', '10 300', '20 300'],
    ['hysteresis', '1', '2'],
    ['minhealthy', '50%', '2'],
    ['require', 'connect:81', 'connect:82'],
    ['track', '192.0.2.2:80', '192.0.2.3:80'],
    ['vip', 'eth0', 'eth0 eth0:1'],
  ];
  const section = (line: string): string => {
    const others = ['192.0.2.2', '192.0.2.3'].map((address) => `virtual=${address}:80\n\treal=10.0.0.1:80 gate\n`);
    return `virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tservice=http\n\t${line}\n${others.join('')}`;
  };
  for (const [keyword, before, after] of values) {
    const [one, other] = [section(`${keyword}=${before}`), section(`${keyword}=${after}`)];
    assert.deepEqual(between(one, one), [], keyword);
    const [first = '', ...more] = between(one, other);
    assert.ok(first.endsWith(`${keyword} ${before} -> ${after}`), first);
    assert.deepEqual(more, []);
  }
});
