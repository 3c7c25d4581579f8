import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import { algorithmsFor } from '../../../src/path/ssh/algorithms.js';
import {
  fingerprint,
  type HostName,
  judgeHostKey,
  knownTypes,
  nameInFile,
  parseKnownHosts,
} from '../../../src/path/ssh/known-hosts.js';

/** A public key of a type, with something in it that tells it from others. */
function keyOf(type: string, id: string): Buffer {
  const parts = [type, id].map((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  });
  return Buffer.concat(parts);
}

const ed25519 = keyOf('ssh-ed25519', 'a');
const rsa = keyOf('ssh-rsa', 'b');
const other = keyOf('ssh-ed25519', 'c');

const word = (key: Buffer, type = 'ssh-ed25519') => `${type} ${key.toString('base64')}`;
const host = (name: string, port = 22): HostName => ({ names: [name], port });

function hashed(name: string): string {
  const salt = Buffer.from('twenty bytes of salt');
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('whose key it is', () => {
  const table: readonly (readonly [name: string, line: string, host: HostName, is: string])[] = [
    ['a name', `web1 ${word(ed25519)}`, host('web1'), 'known'],
    ['in other letters', `Web1 ${word(ed25519)}`, host('wEB1'), 'known'],
    ['with a comment and blanks', `  web1\t ${word(ed25519)} root@web1`, host('web1'), 'known'],
    ['one of several', `a,10.0.0.1,web1 ${word(ed25519)}`, host('10.0.0.1'), 'known'],
    ['part of a name', `web ${word(ed25519)}`, host('web1'), 'unknown'],
    ['an address of IPv6', `2001:db8::1 ${word(ed25519)}`, host('2001:db8::1'), 'known'],
    ['a comment', `# web1 ${word(ed25519)}`, host('web1'), 'unknown'],
    ['a line of protocol 1', 'web1 1024 35 1234567890', host('web1'), 'unknown'],
    ['a key of another type than it says', `web1 ${word(ed25519, 'ssh-rsa')}`, host('web1'), 'unknown'],
    ['a key that is none', 'web1 ssh-ed25519 !!!', host('web1'), 'unknown'],
    ['a line that is cut off', 'web1 ssh-ed25519', host('web1'), 'unknown'],
    ['another port', `[web1]:2222 ${word(ed25519)}`, host('web1', 2222), 'known'],
    ['another port than that', `[web1]:2222 ${word(ed25519)}`, host('web1', 2223), 'unknown'],
    ['the usual port in brackets is nobody', `[web1]:2222 ${word(ed25519)}`, host('web1'), 'unknown'],
    ['the host itself, at another port', `web1 ${word(ed25519)}`, host('web1', 2222), 'known'],
    ['another key of the host itself', `web1 ${word(other)}`, host('web1', 2222), 'unknown'],
    ['a pattern', `web?,10.0.* ${word(ed25519)}`, host('10.0.0.1'), 'known'],
    ['a pattern for one character', `web? ${word(ed25519)}`, host('web12'), 'unknown'],
    ['a dot is a dot', `web.1 ${word(ed25519)}`, host('webx1'), 'unknown'],
    ['a pattern with brackets', `[10.0.0.*]:2222 ${word(ed25519)}`, host('10.0.0.1', 2222), 'known'],
    ['all but one', `*,!web1 ${word(ed25519)}`, host('web1'), 'unknown'],
    ['all but another', `!web2,* ${word(ed25519)}`, host('web1'), 'known'],
    ['nothing but an exception', `!web2 ${word(ed25519)}`, host('web1'), 'unknown'],
    ['hashed', `${hashed('web1')} ${word(ed25519)}`, host('web1'), 'known'],
    ['hashed, another', `${hashed('web1')} ${word(ed25519)}`, host('web2'), 'unknown'],
    ['hashed with a port', `${hashed('[web1]:2222')} ${word(ed25519)}`, host('WEB1', 2222), 'known'],
    ['hashed in a way to come', `${hashed('web1').replace('|1|', '|2|')} ${word(ed25519)}`, host('web1'), 'unknown'],
    ['another key', `web1 ${word(other)}`, host('web1'), 'other'],
    ['a key of another type', `web1 ${word(rsa, 'ssh-rsa')}`, host('web1'), 'other'],
    ['two keys', `web1 ${word(other)}\nweb1 ${word(ed25519)}`, host('web1'), 'known'],
    ['revoked', `@revoked * ${word(ed25519)}\nweb1 ${word(ed25519)}`, host('web1'), 'revoked'],
    [
      'revoked, at another port',
      `@revoked web1 ${word(ed25519)}\n[web1]:22022 ${word(ed25519)}`,
      host('web1', 22022),
      'revoked',
    ],
    ['another is revoked', `@revoked * ${word(other)}\nweb1 ${word(ed25519)}`, host('web1'), 'known'],
    ['revoked for others', `@revoked web2 ${word(ed25519)}\nweb1 ${word(ed25519)}`, host('web1'), 'known'],
    ['an authority does not count', `@cert-authority * ${word(ed25519)}`, host('web1'), 'unknown'],
    ['a mark that nobody knows', `@trusted web1 ${word(ed25519)}`, host('web1'), 'unknown'],
    ['nothing', '', host('web1'), 'unknown'],
  ];
  for (const [name, text, asked, is] of table) {
    it(name, () => assert.equal(judgeHostKey(parseKnownHosts(text, 'file'), asked, ed25519).is, is));
  }

  it('says which keys are known, and where', () => {
    const lines = parseKnownHosts(`# mine\nweb1 ${word(other)}\r\n10.0.0.1 ${word(rsa, 'ssh-rsa')}\n`, '/known');
    const judgement = judgeHostKey(lines, { names: ['web1', '10.0.0.1'], port: 22 }, ed25519);
    assert.ok(judgement.is === 'other');
    assert.deepEqual(
      judgement.known.map(({ type, place }) => [type, place]),
      [
        ['ssh-ed25519', '/known:2'],
        ['ssh-rsa', '/known:3'],
      ],
    );
  });

  it('takes a key under any of the names', () => {
    const lines = parseKnownHosts(`web1 ${word(other)}\n10.0.0.1 ${word(ed25519)}`, 'file');
    assert.equal(judgeHostKey(lines, { names: ['web1', '10.0.0.1'], port: 22 }, ed25519).is, 'known');
  });

  it('says where an authority stands that it does not know what to do with', () => {
    const lines = parseKnownHosts(`@cert-authority web* ${word(other)}`, '/known');
    const judgement = judgeHostKey(lines, host('web1'), ed25519);
    assert.deepEqual(judgement.is === 'unknown' && judgement.authorities.map(({ place }) => place), ['/known:1']);
  });
});

describe('what a server is asked for', () => {
  it('is first a key of a type that is known', () => {
    const lines = parseKnownHosts(`[web1]:2222 ${word(rsa, 'ssh-rsa')}\n@revoked web1 ${word(ed25519)}`, 'file');
    assert.deepEqual(knownTypes(lines, host('web1', 2222)), ['ssh-rsa']);
    assert.deepEqual(algorithmsFor(lines, host('web1', 2222)).serverHostKey, [
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-rsa',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
  });
});

it('a fingerprint is that of ssh-keygen', () => {
  // ssh-keygen -lf of this key.
  const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64');
  assert.equal(fingerprint(key), 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU');
});

it('a name with a port is written as ssh(1) writes it', () => {
  assert.deepEqual([nameInFile('Web1', 22), nameInFile('Web1', 23)], ['web1', '[web1]:23']);
});
