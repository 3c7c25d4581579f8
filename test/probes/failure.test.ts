import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { answer, causeOf, DeadlineExceeded, failureOf, ProbeFailure, printable } from '../../src/probes/failure.js';

const never = new AbortController().signal;

function coded(code: string): Error {
  return Object.assign(new Error('text of a library'), { code });
}

describe('causeOf', () => {
  const table: readonly (readonly [unknown, string])[] = [
    [coded('ECONNREFUSED'), 'refused (ECONNREFUSED)'],
    [coded('EINVAL'), 'no way leads to this address: see `ip route get` (EINVAL)'],
    [coded('EHOSTUNREACH'), 'no route to the host (EHOSTUNREACH)'],
    [coded('ERR_SSL_WRONG_VERSION_NUMBER'), 'the server does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER)'],
    [coded('ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR'), 'handshake failed (ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR)'],
    [coded('EWHATEVER'), 'failed (EWHATEVER)'],
    [new TypeError('odd'), 'TypeError: odd'],
    ['odd', 'unknown'],
    [new DeadlineExceeded(2500), 'not done within 2.5 s'],
  ];
  for (const [error, cause] of table) {
    it(cause, () => assert.equal(causeOf(error), cause));
  }
});

describe('failureOf', () => {
  it('blames the deadline where there is one', () => {
    const late = AbortSignal.abort(new DeadlineExceeded(5000));
    assert.equal(failureOf('connect', coded('ECONNRESET'), late).message, 'connect: no answer within 5 s');
    assert.equal(failureOf('tls', coded('ECONNRESET'), late).message, 'tls: not done within 5 s');
    assert.equal(failureOf('tls', coded('ECONNRESET'), AbortSignal.abort()).message, 'tls: abandoned');
    assert.equal(failureOf('tls', coded('EPIPE'), never).message, 'tls: closed by the server (EPIPE)');
  });
});

describe('answer', () => {
  it('is up with a reason, down with a failure, and passes on what is neither', async () => {
    assert.deepEqual(await answer(async () => 'fine'), { ok: true, reason: 'fine' });
    const failure = new ProbeFailure('connect', 'refused').after('').after('status 301');
    assert.deepEqual(await answer(() => Promise.reject(failure)), {
      ok: false,
      reason: 'connect: refused, after status 301',
    });
    await assert.rejects(
      answer(() => Promise.reject(new TypeError('defect'))),
      TypeError,
    );
  });
});

describe('printable', () => {
  it('does not turn a line around', () => {
    assert.equal(printable('up\u202enwod\u2066 \u2028x'), 'up nwod   x');
  });

  it('is one line of bounded length, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const line = printable(text);
        assert.ok(line.length <= 201);
        assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
