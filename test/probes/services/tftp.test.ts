import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { badDatagramCases } from '../../helpers/bad-datagram-cases.js';
import { brief, checkOf, receive } from '../../helpers/check.js';
import { startDatagramPeer } from '../../helpers/datagram-peer.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { startTftpd, tftpdMissing } from '../../helpers/servers/tftpd.js';
import { startUdpPeer } from '../../helpers/udp-server.js';
import { assertStops, verdict } from '../../helpers/verdict.js';

const tftp = (changes: Partial<Check> = {}) =>
  checkOf({ service: 'tftp', protocol: 'udp', request: '/boot.txt', ...changes });

describe('tftp, tftpd-hpa', { skip: tftpdMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startTftpd({
      'boot.txt': 'kernel is here',
      empty: '',
      block: 'x'.repeat(512),
      long: `${'x'.repeat(5000)}needle${'x'.repeat(5000)}`,
      endless: 'x'.repeat(200_000),
    });
  });
  after(() => server.close());

  const table: readonly (readonly [string, Partial<Check>, boolean, string])[] = [
    ['up', {}, true, 'response: 14 bytes'],
    ['a match', { receive: receive('^kernel') }, true, 'response: a match in 14 bytes'],
    ['an empty file', { request: '/empty' }, true, 'response: 0 bytes'],
    ['a file of one block', { request: '/block', receive: receive('^x+$') }, true, 'response: a match in 512 bytes'],
    ['the first block alone', { request: '/long' }, true, 'response: 512 bytes'],
    ['as far as it matches', { request: '/long', receive: receive('needle') }, true, 'response: a match in 5120 bytes'],
    ['no match', { receive: receive('other') }, false, 'response: no match for "other" in "kernel is here"'],
    ['no file', { request: '/none' }, false, 'response: the server says "File not found" (error 1)'],
    ['no name', { request: '/' }, false, 'request: no name of a file: set request'],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      assert.deepEqual(await verdict(tftp({ port: server.port, ...changes })), [ok, reason], server.log());
    });
  }

  it('a long file without a match, up to the bound', async () => {
    const [ok, reason] = await verdict(tftp({ port: server.port, request: '/endless', receive: receive('y') }));
    assert.match(reason, /^response: no match for "y" in "x+…"$/);
    assert.equal(ok, false);
  });

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, tftp({ port: server.port }), 'query: not done within 0.4 s'));
});

describe('tftp, by script', () => {
  it('a server that answers from the port that is asked', async () => {
    const peer = await startDatagramPeer((request) =>
      request.readUInt16BE(0) === 1 ? [Buffer.from('\0\x03\0\x01hello', 'latin1')] : [],
    );
    const found = await verdict(tftp({ port: peer.port, receive: receive('hello') }));
    await peer.close();
    assert.deepEqual(found, [true, 'response: a match in 5 bytes']);
  });

  it('over IPv6', async () => {
    const peer = await startUdpPeer('::1', () => '\0\x03\0\x01hello');
    const found = await verdict(tftp({ address: '::1', family: 'inet6', port: peer.port }));
    await peer.close();
    assert.deepEqual(found, [true, 'response: 5 bytes']);
  });

  it('stops halfway', async () => {
    const first = Buffer.concat([Buffer.from([0, 3, 0, 1]), Buffer.alloc(512, 'x')]);
    const peer = await startDatagramPeer((request) => (request.readUInt16BE(0) === 1 ? [first] : []));
    const found = await verdict(tftp({ port: peer.port, receive: receive('y'), negotiateTimeout: brief }));
    await peer.close();
    assert.deepEqual(found, [false, 'response: not done within 0.4 s']);
    assert.ok(peer.requests() > 2, 'the acknowledgement is sent again');
  });

  it('a block that is too long', async () => {
    const peer = await startDatagramPeer(() => [Buffer.concat([Buffer.from([0, 3, 0, 1]), Buffer.alloc(513)])]);
    const found = await verdict(tftp({ port: peer.port }));
    await peer.close();
    assert.deepEqual(found, [false, 'response: a block of 513 bytes']);
  });

  it('nothing from another port once one has answered', async () => {
    const other = createSocket('udp4');
    const first = Buffer.concat([Buffer.from([0, 3, 0, 1]), Buffer.alloc(512, 'x')]);
    const peer = await startDatagramPeer((request, from) => {
      if (request.readUInt16BE(0) === 1) return [first];
      other.send(Buffer.from('\0\x03\0\x02forged', 'latin1'), from.port, from.address);
      return [];
    });
    const found = await verdict(tftp({ port: peer.port, receive: receive('forged'), negotiateTimeout: brief }));
    await peer.close();
    await new Promise<void>((closed) => other.close(closed));
    assert.deepEqual(found, [false, 'response: not done within 0.4 s']);
  });
});

badDatagramCases('tftp', tftp(), 'query');
