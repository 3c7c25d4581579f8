import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, cutMiddle, fit, lengthOf, type Piece, wrap } from '../../src/terminal/fitting.js';

test('a long text is cut at its end, a name or an address in its middle', () => {
  assert.equal(cut('connect: refused', 10), 'connect: …');
  assert.equal(cutMiddle('web-0001.production.example.com:8080', 25), 'web-0001.product…com:8080');
  assert.equal(cutMiddle('[2001:db8:1111:2222:3333:4444:5555:6666]:443', 25), '[2001:db8:11…55:6666]:443');
  for (const some of [cut, cutMiddle]) {
    assert.equal(some('whole', 5), 'whole');
    assert.equal(some('whole', null), 'whole');
    assert.equal(some('whole', 1), '…');
    assert.equal(some('whole', 0), '');
  }
});

test('pieces go in their order, what could go is cut before, what stays after that', () => {
  const pieces: readonly Piece[] = [
    { text: '/etc/ha.d/production-web.cf: ', dispensable: 1, least: 12 },
    { text: '18 servers up' },
    { text: ', memory', dispensable: 2 },
  ];
  assert.equal(fit(pieces, null), '/etc/ha.d/production-web.cf: 18 servers up, memory');
  assert.equal(fit(pieces, 45), '/etc/ha.d/produc…eb.cf: 18 servers up, memory');
  assert.equal(fit(pieces, 30), '/etc/ha.d/p….cf: 18 servers up');
  assert.equal(fit(pieces, 24), '18 servers up');
  assert.equal(fit(pieces, 10), '18 server…');
  const staying = [{ text: 'tcp [2001:db8::1]:80', least: 10 }, { text: ' wrr', dispensable: 1 }, { text: ', down' }];
  assert.equal(fit(staying, 26), 'tcp [2001:db8::1]:80, down');
  assert.equal(fit(staying, 20), 'tcp [20…::1]:80, down'.replace('0…:', '0…'));
});

test('a text goes on below, between its words where it can', () => {
  assert.deepEqual(wrap('  why     connect: refused by the server', 24, '          '), [
    '  why     connect:',
    '          refused by the',
    '          server',
  ]);
  assert.deepEqual(wrap('short', 10), ['short']);
  assert.deepEqual(wrap('abcdefgh', 3), ['abc', 'def', 'gh']);
});

test('nothing is wider than the room, and what goes on below loses no word', () => {
  const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 30 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 60 }), (words, width) => {
      const text = words.join(' ');
      const lines = wrap(text, width, '    ');
      for (const line of lines) assert.ok(lengthOf(line) <= width, `${width}: ${line}`);
      assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      const pieces = words.map(
        (word, at): Piece => ({ text: word, ...(at % 2 === 1 && { dispensable: at, least: 3 }) }),
      );
      assert.ok(lengthOf(fit(pieces, width)) <= width);
    }),
  );
});
