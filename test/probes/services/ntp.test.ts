import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { badDatagramCases } from '../../helpers/bad-datagram-cases.js';
import { brief, checkOf } from '../../helpers/check.js';
import { type Answers, startDatagramPeer } from '../../helpers/datagram-peer.js';
import { chronyMissing, startChrony } from '../../helpers/servers/chrony.js';
import { assertVerdict, verdict } from '../../helpers/verdict.js';

const ntp = (changes: Partial<Check> = {}) => checkOf({ service: 'ntp', protocol: 'udp', ...changes });

/** What is said of a server whose clock is this machine's; how far off it seems is a matter of how busy the machine is. */
const well = (stratum: number) =>
  new RegExp(
    `^response: stratum ${stratum}, (less than 0\\.5 s from|\\d\\d?\\.\\d s behind) the time of this machine$`,
  );

describe('ntp, chrony', { skip: chronyMissing }, () => {
  it('up; late while it is stopped; up again', async () => {
    const server = await startChrony('local stratum 8');
    try {
      await assertVerdict(ntp({ port: server.port }), true, well(8), server.log());
      server.freeze();
      const late = await verdict(ntp({ port: server.port, negotiateTimeout: brief }));
      assert.deepEqual(late, [false, 'query: not done within 0.4 s']);
      server.thaw();
      await assertVerdict(ntp({ port: server.port }), true, well(8));
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
  /** Seconds, as the next two. */
  readonly delay?: number;
  readonly dispersion?: number;
  /** From this machine's time; null is no time at all. */
  readonly ahead?: number | null;
  /** From the server's time; null is none. */
  readonly corrected?: number | null;
  readonly reference?: string;
  readonly origin?: Buffer;
}

/** Since 1900, as far as that fits. */
function timestamp(ahead: number): bigint {
  const milliseconds = Date.now() + (2_208_988_800 + ahead) * 1000;
  return BigInt.asUintN(64, (BigInt(Math.round(milliseconds)) << 32n) / 1000n);
}

/** A server's answer to a request; sound where nothing is said otherwise. */
function answerTo(request: Buffer, said: Said): Answers {
  const { first = 0x24, stratum = 2, delay = 0, dispersion = 0, ahead = 0, corrected = -60 } = said;
  const answer = Buffer.alloc(48);
  answer.writeUInt8(first, 0);
  answer.writeUInt8(stratum, 1);
  answer.writeUInt32BE(delay * 2 ** 16, 4);
  answer.writeUInt32BE(dispersion * 2 ** 16, 8);
  answer.write(said.reference ?? '', 12, 'latin1');
  if (ahead !== null && corrected !== null) answer.writeBigUInt64BE(timestamp(ahead + corrected), 16);
  (said.origin ?? request.subarray(40, 48)).copy(answer, 24);
  if (ahead !== null) answer.writeBigUInt64BE(timestamp(ahead), 40);
  return [answer];
}

describe('ntp, by script', () => {
  const day = 86_400;
  const table: readonly (readonly [string, Said, boolean, string | RegExp])[] = [
    ['a sound answer', {}, true, well(2)],
    ['stratum 15', { stratum: 15 }, true, well(15)],
    ['an older version', { first: 0x1c }, true, well(2)],
    [
      'a clock that is ahead',
      { ahead: day },
      true,
      /^response: stratum 2, 86[34]\d\d\.\d s ahead of the time of this machine$/,
    ],
    [
      'a clock that is behind',
      { ahead: -day },
      true,
      /^response: stratum 2, 86[45]\d\d\.\d s behind the time of this machine$/,
    ],
    ['the next era', { ahead: 2 ** 31 - day }, true, /^response: stratum 2, 21473\d{5}\.\d s ahead of/],
    ['a correction that it does not tell', { corrected: null }, true, well(2)],
    [
      'a correction in the last era',
      { ahead: 2_085_978_496 - Date.now() / 1000 + 10, corrected: -3600 },
      true,
      /^response: stratum 2, /,
    ],
    [
      'a correction after its time',
      { corrected: 5 },
      false,
      'response: the time of the server lies before its last correction',
    ],
    ['as far from its sources as may be', { delay: 30, dispersion: 0.9 }, true, well(2)],
    [
      'far from its sources',
      { delay: 20, dispersion: 6 },
      false,
      'response: the server has lost the time: it can be wrong by 16.0 s by root delay and dispersion',
    ],
    [
      'without its sources for long',
      { dispersion: 3600, corrected: -40 * day },
      false,
      'response: the server has lost the time: it can be wrong by 3600.0 s by root delay and dispersion',
    ],
    ['stratum 16', { stratum: 16 }, false, 'response: the server is not synchronized (stratum 16)'],
    ['a leap alarm', { first: 0xe4 }, false, 'response: the server is not synchronized (stratum 2)'],
    ['no time', { ahead: null }, false, 'response: the server gives no time'],
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
      const patient = String(reason).startsWith('query') ? { negotiateTimeout: brief } : {};
      try {
        await assertVerdict(ntp({ port: peer.port, ...patient }), ok, reason);
      } finally {
        await peer.close();
      }
    });
  }

  it('asks again where a packet is lost', async () => {
    let lost = true;
    const peer = await startDatagramPeer((request) => {
      if (!lost) return answerTo(request, {});
      lost = false;
      return [];
    });
    await assertVerdict(ntp({ port: peer.port, negotiateTimeout: 3000 }), true, well(2));
    await peer.close();
    assert.equal(peer.requests(), 2);
  });
});

badDatagramCases('ntp', ntp(), 'query');
