import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../src/probes/probe.js';
import { badDatagramCases } from '../helpers/bad-datagram-cases.js';
import { brief, checkOf } from '../helpers/check.js';
import { type Answers, startDatagramPeer } from '../helpers/datagram-peer.js';
import { chronyMissing, startChrony } from '../helpers/servers/chrony.js';
import { verdict } from '../helpers/verdict.js';

const ntp = (changes: Partial<Check> = {}) => checkOf({ service: 'ntp', protocol: 'udp', ...changes });

describe('ntp, chrony', { skip: chronyMissing }, () => {
  it('up; late while it is stopped; up again', async () => {
    const server = await startChrony('local stratum 8');
    try {
      assert.deepEqual(await verdict(ntp({ port: server.port })), [true, 'response: stratum 8'], server.log());
      server.freeze();
      const late = await verdict(ntp({ port: server.port, negotiateTimeout: brief }));
      assert.deepEqual(late, [false, 'query: not done within 0.4 s']);
      server.thaw();
      assert.deepEqual(await verdict(ntp({ port: server.port })), [true, 'response: stratum 8']);
    } finally {
      await server.close();
    }
  });

  it('down without the time', async () => {
    const server = await startChrony();
    try {
      const found = await verdict(ntp({ port: server.port }));
      assert.deepEqual(found, [false, 'response: the server is not synchronized (stratum 0)'], server.log());
    } finally {
      await server.close();
    }
  });
});

interface Said {
  readonly first?: number;
  readonly stratum?: number;
  readonly reference?: string;
  readonly origin?: Buffer;
  readonly time?: number;
}

/** A server's answer to a request; sound where nothing is said otherwise. */
function answerTo(request: Buffer, { first = 0x24, stratum = 2, reference, origin, time = 1 }: Said): Answers {
  const said = Buffer.alloc(48);
  said.writeUInt8(first, 0);
  said.writeUInt8(stratum, 1);
  said.write(reference ?? '', 12, 'latin1');
  (origin ?? request.subarray(40, 48)).copy(said, 24);
  said.writeUInt32BE(time, 40);
  return [said];
}

describe('ntp, by script', () => {
  const table: readonly (readonly [string, Said, boolean, string])[] = [
    ['a sound answer', {}, true, 'response: stratum 2'],
    ['stratum 15', { stratum: 15 }, true, 'response: stratum 15'],
    ['an older version', { first: 0x1c }, true, 'response: stratum 2'],
    ['stratum 16', { stratum: 16 }, false, 'response: the server is not synchronized (stratum 16)'],
    ['a leap alarm', { first: 0xe4 }, false, 'response: the server is not synchronized (stratum 2)'],
    ['no time', { time: 0 }, false, 'response: the server gives no time'],
    [
      'a known kiss',
      { stratum: 0, reference: 'RATE' },
      false,
      "response: kiss-o'-death RATE, the server is asked too often",
    ],
    ['another kiss', { stratum: 0, reference: 'XYZ' }, false, "response: kiss-o'-death XYZ"],
    ['an answer to another request', { origin: Buffer.alloc(8, 7) }, false, 'query: not done within 0.4 s'],
    ['a broadcast', { first: 0x25 }, false, 'query: not done within 0.4 s'],
  ];
  for (const [name, said, ok, reason] of table) {
    it(name, async () => {
      const peer = await startDatagramPeer((request) => answerTo(request, said));
      const patient = reason.startsWith('query') ? { negotiateTimeout: brief } : {};
      const found = await verdict(ntp({ port: peer.port, ...patient }));
      await peer.close();
      assert.deepEqual(found, [ok, reason]);
    });
  }

  it('asks again where a packet is lost', async () => {
    let lost = true;
    const peer = await startDatagramPeer((request) => {
      if (!lost) return answerTo(request, {});
      lost = false;
      return [];
    });
    const found = await verdict(ntp({ port: peer.port, negotiateTimeout: 3000 }));
    await peer.close();
    assert.deepEqual([found, peer.requests()], [[true, 'response: stratum 2'], 2]);
  });
});

badDatagramCases('ntp', ntp(), 'query');
