import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CheckSignal } from '../../../src/probes/check-signal.js';
import type { Check } from '../../../src/probes/probe.js';
import { runProbe } from '../../../src/probes/run.js';
import { badDatagramCases } from '../../helpers/bad-datagram-cases.js';
import { brief, checkOf, receive } from '../../helpers/check.js';
import { startDatagramPeer } from '../../helpers/datagram-peer.js';
import { freePort } from '../../helpers/free-port.js';
import { withoutLeaks } from '../../helpers/leaks.js';
import { chronyMissing, startChrony } from '../../helpers/servers/chrony.js';
import { verdict } from '../../helpers/verdict.js';

const udp = (changes: Partial<Check> = {}) => checkOf({ service: 'udp', protocol: 'udp', ...changes });
const hex = (request: string, expected: string) => ({ hex: { request, receive: expected } });

describe('udp', () => {
  const echo = (request: Buffer) => [Buffer.concat([Buffer.from('you said '), request])];
  const late = 'response: not done within 0.4 s, after an answer without what is expected:';
  const table: readonly (readonly [string, Partial<Check>, boolean, string])[] = [
    ['any answer', { request: '/ping' }, true, 'response: 13 bytes'],
    ['nothing to send', { receive: receive('^you said $') }, true, 'response: 9 bytes'],
    ['text', { request: '/ping', receive: receive('said ping$') }, true, 'response: 13 bytes'],
    ['bytes', hex('00ff', '2000ff'), true, 'response: 11 bytes'],
    ['both', { request: '/ping', receive: receive('^you'), ...hex('', '70696e67') }, true, 'response: 13 bytes'],
    ['hex before text', { request: '/ping', ...hex('41', '') }, true, 'response: 10 bytes'],
    ['another text', { request: '/ping', receive: receive('pong') }, false, `${late} "you said ping"`],
    ['other bytes', hex('00', 'dead'), false, `${late} 796f7520736169642000 in hex`],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      const peer = await startDatagramPeer(echo);
      const patient = ok ? {} : { negotiateTimeout: brief };
      const found = await verdict(udp({ port: peer.port, ...changes, ...patient }));
      await peer.close();
      assert.deepEqual(found, [ok, reason]);
    });
  }

  it('passes over a wrong answer before the right one', async () => {
    const peer = await startDatagramPeer(() => [Buffer.from('first'), Buffer.from('second')]);
    const found = await verdict(udp({ port: peer.port, receive: receive('second') }));
    await peer.close();
    assert.deepEqual(found, [true, 'response: 6 bytes']);
  });

  it('silence is up where nothing is expected, before the deadline', async () => {
    const peer = await startDatagramPeer();
    const found = await verdict(udp({ port: peer.port, negotiateTimeout: 2000 }));
    await peer.close();
    assert.deepEqual(found, [true, 'response: none, and no ICMP error within 1.6 s']);
    assert.equal(peer.requests() > 1, true);
  });

  it('an ICMP error is down where nothing is expected', async () => {
    const found = await verdict(udp({ port: await freePort() }));
    assert.deepEqual(found, [false, 'response: refused (ECONNREFUSED)']);
  });

  it('cancelled silence is not up', async () => {
    const peer = await startDatagramPeer();
    const cancel = new CheckSignal();
    setTimeout(() => cancel.abort(new Error('dropped')), 20);
    const { ok, reason } = await withoutLeaks(() => runProbe(udp({ port: peer.port }), 'negotiate', cancel));
    await peer.close();
    assert.deepEqual([ok, reason], [false, 'response: abandoned']);
  });
});

describe('udp, chrony', { skip: chronyMissing }, () => {
  it('up; late while it is stopped', async () => {
    const server = await startChrony('local stratum 8');
    try {
      // A request of NTP, whose last eight bytes come back.
      const asked = udp({ port: server.port, ...hex(`23${'00'.repeat(39)}0102030405060708`, '0102030405060708') });
      assert.deepEqual(await verdict(asked), [true, 'response: 48 bytes'], server.log());
      server.freeze();
      const late = await verdict({ ...asked, negotiateTimeout: brief });
      assert.deepEqual(late, [false, 'response: not done within 0.4 s']);
    } finally {
      await server.close();
    }
  });
});

badDatagramCases('udp', udp({ request: '/ping', receive: receive('^pong$') }), 'response');
