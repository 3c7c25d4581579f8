import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type AccessRequest,
  encodeAccessRequest,
  isGenuine,
  replyMessages,
} from '../../../src/probes/wire/radius-packet.js';

const request = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  identifier: 7,
  authenticator: Buffer.alloc(16, 'a'),
  user: Buffer.from('monitor'),
  password: Buffer.from('hunter2'),
  secret: Buffer.from('shared'),
  ...changes,
});

/** As a server makes it (RFC 2865, section 3; RFC 2869, section 5.14). */
function answerTo({ identifier, authenticator, secret }: AccessRequest, message: Buffer): Buffer {
  const attributes = Buffer.concat([
    Buffer.from([18, message.length + 2]),
    message,
    Buffer.from([80, 18]),
    Buffer.alloc(16),
  ]);
  const head = Buffer.from([2, identifier, 0, 0]);
  head.writeUInt16BE(20 + attributes.length, 2);
  const unproven = Buffer.concat([head, authenticator, attributes]);
  createHmac('md5', secret)
    .update(unproven)
    .digest()
    .copy(attributes, attributes.length - 16);
  const proof = createHash('md5').update(head).update(authenticator).update(attributes).update(secret).digest();
  return Buffer.concat([head, proof, attributes]);
}

describe('encodeAccessRequest', () => {
  it('hides a password of any length as the server finds it again', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 128 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (bytes, random) => {
          const [password, authenticator] = [Buffer.from(bytes), Buffer.from(random)];
          const asked = request({ password, authenticator, user: Buffer.alloc(0) });
          const packet = encodeAccessRequest(asked);
          assert.equal(packet.readUInt16BE(2), packet.length);
          // After the header and the Message-Authenticator comes the password.
          const length = packet.readUInt8(39) - 2;
          const hidden = packet.subarray(40, 40 + length);
          const plain = Buffer.alloc(length);
          for (let at = 0; at < length; at += 1) {
            const start = at - (at % 16);
            const before = start === 0 ? authenticator : hidden.subarray(start - 16, start);
            const mask = createHash('md5').update(asked.secret).update(before).digest();
            plain[at] = hidden.readUInt8(at) ^ mask.readUInt8(at % 16);
          }
          const padding = Buffer.alloc(length - password.length);
          assert.deepEqual(plain, Buffer.concat([password, padding]));
        },
      ),
    );
  });

  it('refuses what does not fit', () => {
    assert.throws(
      () => encodeAccessRequest(request({ password: Buffer.alloc(129) })),
      /^ProbeFailure: request: a passwd/,
    );
    assert.throws(() => encodeAccessRequest(request({ user: Buffer.alloc(254) })), /^ProbeFailure: request: a login/);
  });
});

describe('isGenuine', () => {
  const asked = request();
  const answer = answerTo(asked, Buffer.from('hello'));

  it('knows an answer, whatever follows its length', () => {
    assert.equal(isGenuine(answer, asked), true);
    assert.equal(isGenuine(Buffer.concat([answer, Buffer.from('padding')]), asked), true);
    assert.equal(replyMessages(answer), 'hello');
  });

  it('refuses an answer that is changed anywhere', () => {
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(answer);
        other[at] = (other[at] ?? 0) ^ change;
        assert.equal(isGenuine(other, asked), false);
      }),
    );
  });

  it('refuses an answer to another request, or under another secret', () => {
    assert.equal(isGenuine(answer, request({ identifier: 8 })), false);
    assert.equal(isGenuine(answer, request({ authenticator: Buffer.alloc(16, 'b') })), false);
    assert.equal(isGenuine(answer, request({ secret: Buffer.from('other') })), false);
  });

  it('takes any bytes for no answer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.equal(isGenuine(Buffer.from(bytes), asked), false);
        replyMessages(Buffer.from(bytes));
      }),
    );
  });
});
