/** Services over several ports of one address, and what of the packet's way a section can say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../src/config/file/parse.js';
import { showConfig } from '../../../src/config/show.js';
import type { Virtual } from '../../../src/model/config.js';
import { virtualSubjectOf } from '../../../src/model/subject.js';
import { parseServices } from '../../../src/system/port-names.js';

const services = parseServices('http 80/tcp\nhttps 443/tcp\n');

function read(text: string, strict = false) {
  return parse(text, { strict, services });
}

function codes(text: string, strict = false): string[] {
  return read(text, strict).diagnostics.map(({ severity, code, span }) => `${severity} ${code} ${span.line}`);
}

function virtuals(text: string): readonly Virtual[] {
  const { config, diagnostics } = read(text);
  assert.ok(config !== null, JSON.stringify(diagnostics));
  return config.virtuals;
}

const real = '\treal=10.0.0.1 masq\n';

test('ports of an address are one service by a mark, in ascending order, whatever their order in the file', () => {
  const [virtual] = virtuals(`virtual=192.0.2.1\n${real}\tports=8000-8100,https,80,8050-8200\n\tprotocol=tcp,udp\n`);
  assert.ok(virtual?.endpoint.protocol === 'fwm');
  assert.deepEqual(virtual.endpoint.carries, {
    host: { name: '192.0.2.1', address: '192.0.2.1' },
    transports: ['tcp', 'udp'],
    ports: [
      { from: 80, to: 80 },
      { from: 443, to: 443 },
      { from: 8000, to: 8200 },
    ],
  });
  assert.equal(virtual.service, 'http', 'by its first port');
  assert.deepEqual(virtualSubjectOf(virtual), {
    family: 'inet',
    protocol: 'fwm',
    virtual: String(virtual.endpoint.mark),
    inFile: { virtual: '192.0.2.1:80,443,8000-8200' },
  });
});

test('the mark is of the address alone: no other list of ports, order of lines or section before it changes it', () => {
  const markOf = (text: string): (number | undefined)[] =>
    virtuals(text).map(({ endpoint }) => (endpoint.protocol === 'fwm' ? endpoint.mark : undefined));
  const [mark] = markOf(`virtual=192.0.2.1\n\tports=80\n${real}`);
  assert.ok(mark !== undefined && mark >= 0x4d000000 && mark <= 0x4dffffff);
  assert.deepEqual(markOf(`virtual=192.0.2.1\n${real}\tprotocol=udp\n\tports=80,443\n`), [mark]);
  const [other, same] = markOf(`virtual=192.0.2.2\n\tports=80\n${real}\nvirtual=192.0.2.1\n\tports=22\n${real}`);
  assert.equal(same, mark);
  assert.notEqual(other, mark);
  const [first, second] = markOf(`virtual=192.0.2.1\n\tports=80\n${real}\nvirtual=192.0.2.1\n\tports=22\n${real}`);
  assert.equal(first, mark);
  assert.notEqual(second, mark);
  assert.notEqual(markOf(`virtual6=[2001:db8::1]\n\tports=80\n\treal6=[2001:db8::2] masq\n`)[0], mark);
  assert.equal(markOf(`virtual=shop.example.com\n\tports=80\n${real}`).length, 1);
});

test('over UDP where the first port says so, else as protocol says', () => {
  const transportsOf = (text: string) => {
    const [virtual] = virtuals(text);
    return virtual?.endpoint.protocol === 'fwm' ? virtual.endpoint.carries?.transports : null;
  };
  assert.deepEqual(transportsOf(`virtual=192.0.2.1\n\tports=80,53\n${real}`), ['udp']);
  assert.deepEqual(transportsOf(`virtual=192.0.2.1\n\tports=80\n${real}`), ['tcp']);
  assert.deepEqual(transportsOf(`virtual=192.0.2.1\n\tprotocol=udp\n\tports=80\n${real}`), ['udp']);
});

for (const [text, expected] of [
  [`virtual=192.0.2.1:80\n${real}\tports=80\n`, ['error wrong-ports 3']],
  [`virtual=1\n${real}\tports=80\n`, ['error wrong-ports 3']],
  [`virtual=192.0.2.1\n${real}\tports=80\n\tprotocol=fwm\n`, ['error wrong-ports 3']],
  [`virtual=192.0.2.1\n${real}`, ['warning port-missing 1']],
  [`virtual=192.0.2.1\n${real}\tprotocol=tcp\n`, ['error bad-address 1']],
  [`virtual=shop.example.com\n${real}`, ['error bad-address 1']],
  [`virtual=192.0.2.1 # the shop\n${real}\tports=80\n`, []],
  [`virtual=192.0.2.1 shop\n${real}\tports=80\n`, ['warning ignored-text 1']],
  [`virtual=192.0.2.1:80\n${real}\tprotocol=tcp,udp\n`, []],
  ...['', '0', '80-70', '65536', 'nosuchname', '80;443', '80,'].map((ports): [string, string[]] => [
    `virtual=192.0.2.1\n${real}\tports=${ports}\n`,
    ['error bad-ports 3'],
  ]),
  [`virtual=192.0.2.1\n\tports=80,443\n${real}\nvirtual=192.0.2.1:443\n${real}`, ['error ports-overlap 5']],
  [
    `virtual=192.0.2.1\n\tports=80,443\n${real}\nvirtual=192.0.2.1\n\tports=400-500\n${real}`,
    ['error ports-overlap 5'],
  ],
  [`virtual=192.0.2.1\n\tports=80\n${real}\nvirtual=192.0.2.1:80\n\tprotocol=udp\n\tservice=dns\n${real}`, []],
  [`virtual=192.0.2.1\n\tports=80,443\n\treal=10.0.0.1:80 masq\n`, ['warning ports-mapped 3']],
  [`virtual=192.0.2.1\n\tports=80,443\n\treal=10.0.0.1:80 gate\n`, []],
] as const) {
  test(`${JSON.stringify(text)}: ${expected.join(', ') || 'nothing to say'}`, () => {
    const found = codes(text).filter((code) => !code.includes('never-checked'));
    assert.deepEqual(found, expected);
  });
}

test('strict mode knows none of it', () => {
  const [first, ...others] = codes(`virtual=192.0.2.1\n    ports=80\n    real=10.0.0.1 masq\n`, true);
  assert.deepEqual([first, others.includes('error extension 2')], ['warning port-missing 1', true]);
});

test('show-config has the ports, and what they are of', () => {
  const { config } = read(`virtual=192.0.2.1\n\tports=80,443\n\tprotocol=tcp,udp\n\tvip=eth0 eth0:w\n${real}`);
  assert.ok(config !== null);
  const [shown] = (showConfig(config) as { virtual: Record<string, unknown>[] }).virtual;
  assert.deepEqual(
    [shown?.['server'], shown?.['ports'], shown?.['transports'], shown?.['vip'], shown?.['snat']],
    ['192.0.2.1', '80,443', 'tcp,udp', 'eth0 eth0:w', 'no'],
  );
});

test('a device and a label; a section can have another than the global one, or none', () => {
  const places = virtuals(
    `vip=eth0\nvirtual=192.0.2.1:80\n${real}\nvirtual=192.0.2.2:80\n\tvip=eth1 eth1:web\n${real}\nvirtual=192.0.2.3:80\n\tvip=off\n${real}`,
  ).map(({ vip }) => vip);
  assert.deepEqual(places, [{ device: 'eth0', label: null }, { device: 'eth1', label: 'eth1:web' }, null]);
  for (const wrong of ['eth0 eth1:1', 'a-name-of-16-char', 'eth0 eth0:and-too-long', 'eth0 eth0:1 more', '../net']) {
    assert.deepEqual(codes(`virtual=192.0.2.1:80\n\tvip=${wrong}\n${real}`), ['error bad-vip 2'], wrong);
  }
  assert.deepEqual(codes(`virtual=7\n\tvip=eth0\n${real}`), ['warning never-checked 1', 'warning useless-vip 2']);
});

test('snat is for masq', () => {
  assert.deepEqual(codes(`virtual=192.0.2.1:80\n\tsnat=yes\n${real}`), []);
  assert.deepEqual(codes(`virtual=192.0.2.1:80\n\tsnat=yes\n\treal=10.0.0.1:80 gate\n`), ['warning useless-snat 2']);
});

test('the PROXY protocol is one of two versions, and for TCP', () => {
  const versions = virtuals(
    `proxyprotocol=v2\nvirtual=192.0.2.1:80\n${real}\nvirtual=192.0.2.2:80\n\tproxyprotocol=v1\n${real}\nvirtual=192.0.2.3:80\n\tproxyprotocol=none\n${real}`,
  ).map(({ proxyprotocol }) => proxyprotocol);
  assert.deepEqual(versions, ['v2', 'v1', 'none']);
  assert.deepEqual(codes(`virtual=192.0.2.1:80\n\tproxyprotocol=v3\n${real}`), ['error unknown-proxyprotocol 2']);
  const datagrams = `virtual=192.0.2.1:53\n\tprotocol=udp\n\tservice=dns\n\trequest="example.org"\n\tproxyprotocol=v2\n${real}`;
  assert.deepEqual(codes(datagrams), ['warning useless-proxyprotocol 5']);
});
