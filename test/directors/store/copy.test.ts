import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Copy } from '../../../src/directors/store/copy.js';
import type { Change, Entry } from '../../../src/directors/store/store.js';
import { atOnce } from '../../../src/slices.js';

const put = (key: string, value: string, revision: number): Change => ({ type: 'put', key, value, revision });
const del = (key: string, revision: number): Change => ({ type: 'delete', key, revision });
const texts = ({ entries }: Copy): Record<string, string> =>
  Object.fromEntries([...entries].map(([key, { value }]) => [key, value]).toSorted());

test('what comes twice, or is older than what is known, says nothing', () => {
  const copy = new Copy();
  assert.equal(copy.apply([put('a', '1', 5), put('b', '1', 5)]).length, 2);
  assert.deepEqual(copy.apply([put('a', '0', 4), put('a', '1', 5), del('b', 4), del('c', 9)]), []);
  assert.deepEqual(copy.apply([del('b', 6), put('a', '2', 7)]), [del('b', 6), put('a', '2', 7)]);
  assert.deepEqual(texts(copy), { a: '2' });
});

test('what was read whole is led to, also from another past, whose revisions say nothing', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd');
  const entry = fc.record({ key, value: fc.constantFrom('1', '2'), revision: fc.integer({ min: 1, max: 9 }) });
  const entries = fc.uniqueArray(entry, { selector: (one: Entry) => one.key });
  fc.assert(
    fc.property(entries, entries, (before, after) => {
      const copy = new Copy();
      copy.apply(before.map((one) => ({ type: 'put', ...one })));
      copy.complete({ revision: 100, entries: before }, { revision: 100, identity: 'one' });
      const frame = { revision: 9, identity: 'two' };
      assert.equal(copy.isOfAnotherPast(frame), true);
      const snapshot = { revision: 9, entries: after };
      copy.apply(atOnce(copy.difference(snapshot, true)));
      copy.complete(snapshot, frame);
      assert.deepEqual(texts(copy), Object.fromEntries(after.map((one) => [one.key, one.value]).toSorted()));
      assert.equal(copy.revision, 9);
      assert.equal(copy.isOfAnotherPast({ revision: 10, identity: 'two' }), false);
      assert.equal(copy.isOfAnotherPast({ revision: 8, identity: 'two' }), true);
    }),
  );
});
