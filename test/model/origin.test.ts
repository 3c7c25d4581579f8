import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isReason,
  isUserName,
  isWho,
  longestReason,
  originWords,
  reasonIn,
  unknownOrigin,
  whoOf,
} from '../../src/model/origin.js';

test('a reason is one line that can be printed', () => {
  for (const text of ['x', 'replacing a disk', 'Änderung №7: 硬盘 🙂', 'x'.repeat(longestReason)]) {
    assert.ok(isReason(text), text);
  }
  const wrong = [
    '',
    '  ',
    'a\nb',
    'a\tb',
    '\u001b[31mred',
    'a\u202eb',
    'a\u2028b',
    '\ud800',
    'x'.repeat(longestReason + 1),
  ];
  for (const text of wrong) assert.ok(!isReason(text), JSON.stringify(text));
});

test('whatever stands in a line, the reason in it is one', () => {
  assert.equal(reasonIn('  replacing a disk\r'), 'replacing a disk');
  assert.equal(reasonIn(' \t '), null);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (line) => {
      const reason = reasonIn(line);
      assert.ok(reason === null || isReason(reason), JSON.stringify(reason));
    }),
  );
});

test('what is known of who asks stands before what they say of themselves', () => {
  assert.equal(whoOf('alice', null), 'alice');
  assert.equal(whoOf('alice', 'alice'), 'alice');
  assert.equal(whoOf('root', 'alice'), 'root (alice)');
  assert.equal(whoOf('uid 1000', 'alice'), 'uid 1000 (alice)');
  assert.equal(whoOf(null, 'alice'), null);
  for (const name of ['alice', 'svc-web_1', 'DOMAIN\\alice', 'alice@example.com', 'zoë', 'machine$']) {
    assert.ok(isUserName(name), name);
    for (const who of [name, `root (${name})`, `uid 1000 (${name})`]) assert.ok(isWho(who), who);
  }
  for (const name of ['', 'a b', 'root) (x', 'a\nb', '\u202ealice', 'x'.repeat(65)]) assert.ok(!isUserName(name), name);
  for (const who of ['uid 1000', 'status page']) assert.ok(isWho(who), who);
  for (const who of ['', 'uid x', 'a b', 'root (a b)', 'root (a) (b)', 'root\n']) assert.ok(!isWho(who), who);
});

test('what is known of it is said, and no more', () => {
  const since = new Date(2026, 10, 29, 10, 41, 5).getTime();
  assert.equal(originWords({ who: 'alice', since, why: 'a disk' }), ' by alice at 2026-11-29 10:41:05: a disk');
  assert.equal(originWords({ who: null, since, why: null }), ' since 2026-11-29 10:41:05');
  assert.equal(originWords({ who: 'root (alice)', since: null, why: null }), ' by root (alice)');
  assert.equal(originWords(unknownOrigin), '');
});
