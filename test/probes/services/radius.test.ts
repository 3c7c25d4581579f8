import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Check } from '../../../src/probes/probe.js';
import { badDatagramCases } from '../../helpers/bad-datagram-cases.js';
import { brief, checkOf, receive } from '../../helpers/check.js';
import { startDatagramPeer } from '../../helpers/datagram-peer.js';
import { freeRadiusMissing, startFreeRadius } from '../../helpers/servers/freeradius.js';
import type { ServerProgram } from '../../helpers/servers/server-program.js';
import { assertStops, verdict } from '../../helpers/verdict.js';

const secret = 's3cret of both';
const passwd = 'hunter2';
const radius = (changes: Partial<Check> = {}) =>
  checkOf({ service: 'radius', protocol: 'udp', login: 'monitor', passwd, secret, ...changes });

const longPassword = 'a password of more than two blocks of 16';
const users = `
monitor Cleartext-Password := "${passwd}"
patient Cleartext-Password := "${longPassword}"
talker Auth-Type := Reject
  Reply-Message = "no %{User-Password} here"
`;
const forged = 'after an answer that does not prove to know the secret: is the secret the same on both sides?';

describe('radius, freeradius', { skip: freeRadiusMissing }, () => {
  let server: ServerProgram;
  before(async () => {
    server = await startFreeRadius(secret, users);
  });
  after(() => server.close());

  const table: readonly (readonly [string, Partial<Check>, boolean, string])[] = [
    ['up', {}, true, 'login: accepted (Access-Accept)'],
    ['receive says nothing', { receive: receive('^x') }, true, 'login: accepted (Access-Accept)'],
    ['a long password', { login: 'patient', passwd: longPassword }, true, 'login: accepted (Access-Accept)'],
    ['a wrong password', { passwd: 'wrong' }, false, 'login: refused (Access-Reject)'],
    ['an unknown user', { login: 'nobody' }, false, 'login: refused (Access-Reject)'],
    ['no login', { login: '', passwd: '' }, false, 'login: refused (Access-Reject)'],
    ['a password that comes back', { login: 'talker' }, false, 'login: refused (Access-Reject): "no *** here"'],
  ];
  for (const [name, changes, ok, reason] of table) {
    it(name, async () => {
      assert.deepEqual(await verdict(radius({ port: server.port, ...changes })), [ok, reason], server.log());
    });
  }

  it('a wrong secret, to which the server says nothing', async () => {
    const found = await verdict(radius({ port: server.port, secret: 'other', negotiateTimeout: brief }));
    assert.deepEqual(found, [false, 'login: not done within 0.4 s'], server.log());
  });

  it('a stopped process, within the deadline, and up again when it goes on', () =>
    assertStops(server, radius({ port: server.port }), 'login: not done within 0.4 s'));
});

describe('radius, by script', () => {
  /** An answer that proves to know `known`; RFC 2865, section 3. */
  function answerTo(request: Buffer, code: number, attributes: Buffer, known = secret): Buffer {
    const said = Buffer.concat([Buffer.from([code, request.readUInt8(1), 0, 20 + attributes.length])]);
    const proof = createHash('md5').update(said).update(request.subarray(4, 20)).update(attributes).update(known);
    return Buffer.concat([said, proof.digest(), attributes]);
  }
  const noProof = Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16)]);
  const question = Buffer.from('\x12\x0fand the code?', 'latin1');

  const table: readonly (readonly [string, (request: Buffer) => Buffer, boolean, string])[] = [
    ['an older server', (asked) => answerTo(asked, 2, Buffer.alloc(0)), true, 'login: accepted (Access-Accept)'],
    [
      'a liar',
      (asked) => answerTo(asked, 2, Buffer.alloc(0), 'guessed'),
      false,
      `login: not done within 0.4 s, ${forged}`,
    ],
    [
      'a wrong Message-Authenticator',
      (asked) => answerTo(asked, 2, noProof),
      false,
      `login: not done within 0.4 s, ${forged}`,
    ],
    [
      'attributes that end halfway',
      (asked) => answerTo(asked, 2, Buffer.from([18, 9, 65])),
      false,
      `login: not done within 0.4 s, ${forged}`,
    ],
    [
      'a challenge',
      (asked) => answerTo(asked, 11, question),
      false,
      'login: the server asks for more than a password (Access-Challenge): "and the code?"',
    ],
    ['another code', (asked) => answerTo(asked, 5, Buffer.alloc(0)), false, 'login: an answer with code 5'],
  ];
  for (const [name, answer, ok, reason] of table) {
    it(name, async () => {
      const peer = await startDatagramPeer((request) => [answer(request)]);
      const patient = reason.includes('not done') ? { negotiateTimeout: brief } : {};
      const found = await verdict(radius({ port: peer.port, ...patient }));
      await peer.close();
      assert.deepEqual(found, [ok, reason]);
    });
  }

  it('sends no password in clear, and no request twice', async () => {
    const requests: Buffer[] = [];
    const peer = await startDatagramPeer((request) => {
      requests.push(request);
      return [answerTo(request, 2, Buffer.alloc(0))];
    });
    for (let round = 0; round < 2; round += 1) await verdict(radius({ port: peer.port }));
    await peer.close();
    assert.equal(requests.length, 2);
    assert.equal(
      requests.some((request) => request.includes(passwd) || request.includes(secret)),
      false,
    );
    assert.notDeepEqual(requests[0]?.subarray(4, 20), requests[1]?.subarray(4, 20));
  });

  it('a password that is too long for the protocol', async () => {
    const [, reason] = await verdict(radius({ passwd: 'x'.repeat(129) }));
    assert.equal(reason, 'request: a passwd of more than 128 bytes');
  });
});

badDatagramCases('radius', radius(), 'login');
