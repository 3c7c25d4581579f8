import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { signEd25519 } from '../../../src/probes/wire/mariadb-ed25519.js';

/** RFC 8410, section 7: what stands before the seed in a private key. */
const beforeSeed = Buffer.from('302e020100300506032b657004220420', 'hex');

test('a password of 32 bytes is a seed, and its signatures are those of OpenSSL', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[\x20-\x7e]{32}$/),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (password, bytes) => {
        const nonce = Buffer.from(bytes);
        const der = Buffer.concat([beforeSeed, Buffer.from(password)]);
        const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
        const signed = signEd25519(password, nonce);
        assert.deepEqual(signed, sign(null, nonce, key));
        assert.ok(verify(null, nonce, createPublicKey(key), signed));
      },
    ),
    { numRuns: 5 },
  );
});

test('what follows the 32 bytes of the server is not signed', () => {
  const nonce = Buffer.alloc(32, 7);
  assert.deepEqual(signEd25519('hunter2', Buffer.concat([nonce, Buffer.from('\0')])), signEd25519('hunter2', nonce));
});
