import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { authorization, parseSip } from '../../../src/probes/wire/sip-message.js';

const credentials = { user: 'Mufasa', password: 'Circle of Life', uri: 'sip:x@example.com', cnonce: 'c' };
const challenged = (...challenges: readonly string[]) => {
  const lines = challenges.map((challenge) => `WWW-Authenticate: ${challenge}\r\n`);
  const response = parseSip(`SIP/2.0 401 Unauthorized\r\n${lines.join('')}\r\n`);
  assert.ok(response);
  return authorization(response, credentials);
};

describe('parseSip', () => {
  it('takes any text, and no text that is no response', () => {
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseSip(text), null)));
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseSip(`SIP/2.0 200 OK\r\n${text}`)?.status, 200)));
  });

  it('reads headers in any case, in short, folded, and in order', () => {
    const response = parseSip('SIP/2.0 180 Ringing\r\nVIA: a\r\nv : b\r\ni:\tc\r\n d\r\nX\r\n\r\nVia: body');
    assert.deepEqual(response?.headers('via'), ['a', 'b']);
    assert.deepEqual(response?.headers('call-id'), ['c d']);
    assert.deepEqual([response?.status, response?.phrase], [180, 'Ringing']);
  });
});

describe('authorization', () => {
  it('computes what RFC 2617, section 3.2.2.1 says without qop', () => {
    // MD5 of "HA1:nonce:HA2" by openssl.
    assert.equal(
      challenged('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'),
      'Authorization: Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="sip:x@example.com", response="554b281986d25c0d5fb700414b769ab4", algorithm=MD5',
    );
  });

  it('takes the first challenge that it can answer', () => {
    const found = challenged(
      'Basic realm="b"',
      'Digest realm="s", nonce="n", algorithm=SHA-512-256',
      'digest realm="t", nonce="n", qop="auth"',
    );
    assert.match(found, /^Authorization: Digest username="Mufasa", realm="t", .*, qop=auth, nc=00000001, cnonce="c"$/);
  });

  it('answers none that it cannot', () => {
    assert.equal(challenged('Digest realm="x", nonce="n", qop="auth-int"'), '');
    assert.equal(challenged(), '');
  });
});
