import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Piece, Pieces, TooLarge } from '../../../../src/directors/store/etcd/pieces.js';

function cut(text: string, depth: number, sizes: readonly number[], bound = 1_000_000): Piece[] {
  const bytes = Buffer.from(text);
  const pieces = new Pieces(depth, bound);
  const found: Piece[] = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    found.push(...pieces.feed(bytes.subarray(at, at + size)));
    at += size;
  }
  assert.equal(pieces.isWithin, false);
  return found;
}

test('each element comes by itself, wherever what comes is broken', () => {
  const item = fc.dictionary(fc.string(), fc.jsonValue());
  const head = fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.integer()));
  const line = fc.record({ header: head, items: fc.array(item), more: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (lines, sizes) => {
        const found = cut(lines.map((one) => `${JSON.stringify(one)}\n`).join(''), 2, sizes);
        const expected = lines.flatMap((one) => [
          ...one.items.map((value) => ['element', value]),
          ['rest', { ...one, items: [] }],
        ]);
        assert.deepEqual(
          found.map(({ type, text }) => [type, JSON.parse(text)]),
          JSON.parse(JSON.stringify(expected)),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('a watch has its events one object deeper', () => {
  const line =
    '{"result":{"header":{"revision":"7"},"events":[{"kv":{"key":"YQ==","mod_revision":"7"}},{"type":"DELETE"}]}}';
  assert.deepEqual(cut(line, 3, [7]), [
    { type: 'element', text: '{"kv":{"key":"YQ==","mod_revision":"7"}}' },
    { type: 'element', text: '{"type":"DELETE"}' },
    { type: 'rest', text: '{"result":{"header":{"revision":"7"},"events":[]}}' },
  ]);
});

test('no piece grows beyond its bound, and what is no JSON is told', () => {
  const many = `{"kvs":[${Array.from({ length: 1_000 }, () => '{"key":"YQ=="}').join(',')}]}`;
  assert.equal(cut(many, 2, [100], 200).length, 1_001);
  assert.throws(() => cut(`{"kvs":[{"key":"${'x'.repeat(1_000)}"}]}`, 2, [100], 200), TooLarge);
  assert.throws(() => cut(`"${'x'.repeat(1_000)}"`, 2, [100], 200), TooLarge);
  assert.throws(() => cut('{"kvs":[}]}', 2, [100]), SyntaxError);
  assert.throws(() => cut(']', 2, [100]), SyntaxError);
});
