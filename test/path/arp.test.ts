import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askByArp, probe, senderOf } from '../../src/path/arp.js';
import { arpQuestions } from '../../src/path/doctor/arp-questions.js';
import { routeKey } from '../../src/path/machine.js';
import { configOf } from '../helpers/configuration.js';
import { ip, neighbour, ownNetwork } from '../helpers/own-network.js';
import { links, machine } from './machines.js';

test('a probe has no sender’s address, so that nobody learns anything from it', () => {
  const packet = probe('192.0.2.7', '02:00:00:00:00:0a');
  assert.deepEqual(
    Buffer.from(packet).toString('hex'),
    ['0001', '0800', '06', '04', '0001', '02000000000a', '00000000', '000000000000', 'c0000207'].join(''),
  );
});

test('of any packet its sender is taken, and nothing of what is none', () => {
  const answer = probe('192.0.2.7', '02:00:00:00:00:0a');
  answer[7] = 2;
  answer.set([192, 0, 2, 7], 14);
  assert.deepEqual(senderOf(answer), { address: '192.0.2.7', mac: '02:00:00:00:00:0a' });
  assert.equal(senderOf(answer.subarray(0, 27)), null);
  assert.equal(senderOf(new Uint8Array(64)), null);
});

test('addresses are asked for at their devices, or where servers are', () => {
  const config = configOf(
    'virtual=203.0.113.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\nvirtual=203.0.113.2:80\n\treal=10.0.0.1:80 gate\n\tchecktype=on\n',
  );
  const local = { device: 'lo', gateway: null, source: null, isLocal: true, isAdvertised: false };
  const known = machine({
    links: links(
      { name: 'lo' },
      { name: 'eth0', mac: 'a' },
      { name: 'eth1', mac: 'b' },
      { name: 'dummy0', mac: 'c', kind: 'dummy' },
    ),
    addresses: [
      { family: 'inet', address: '203.0.113.1', prefix: 32, device: 'eth0', label: null },
      { family: 'inet', address: '203.0.113.2', prefix: 32, device: 'dummy0', label: null },
    ],
    routes: new Map([
      [routeKey({ family: 'inet', to: '203.0.113.1' }), local],
      [routeKey({ family: 'inet', to: '203.0.113.2' }), local],
      [routeKey({ family: 'inet', to: '10.0.0.1' }), { ...local, device: 'eth1', isLocal: false }],
    ]),
  });
  assert.deepEqual(arpQuestions(config, known), [
    { address: '203.0.113.1', device: 'eth0', mac: 'a' },
    { address: '203.0.113.2', device: 'eth1', mac: 'b' },
  ]);
});

const missing = ownNetwork();

test('a neighbour that has the address answers, and nobody for another', { skip: missing }, async (t) => {
  const other = await neighbour('near', 'far', [['192.0.2.1/24', '192.0.2.2/24']]);
  t.after(() => other.stop());
  const mac = /ether (\S+)/.exec(ip('link show dev near'))?.[1] ?? '';
  const theirs = /ether (\S+)/.exec(other.run('ip link show dev far'))?.[1] ?? '';
  const questions = ['192.0.2.2', '192.0.2.3'].map((address) => ({ address, device: 'near', mac }));
  assert.deepEqual(await askByArp(questions, new Set([mac])), {
    ok: true,
    answers: [{ address: '192.0.2.2', device: 'near', mac: theirs }],
  });
  assert.deepEqual(await askByArp(questions, new Set([mac, theirs])), { ok: true, answers: [] });
  assert.deepEqual(await askByArp([{ address: '192.0.2.2', device: 'none', mac }], new Set()), {
    ok: false,
    code: 'ENODEV',
  });
});
