import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  firstPathMark,
  givePaths,
  isOwnMark,
  isPathMark,
  markText,
  type PathEnd,
  pathKey,
  pathMarks,
} from '../../src/model/check-path.js';

const ends = fc.uniqueArray(
  fc.record({
    family: fc.constant('inet' as const),
    address: fc.ipV4(),
    forward: fc.constantFrom('gate' as const, 'ipip' as const),
  }),
  { selector: pathKey, maxLength: 40 },
);

test('each path has a mark of its own within the range, whatever the order of the file', () => {
  fc.assert(
    fc.property(ends, fc.string(), (servers, instance) => {
      const paths = givePaths(instance, servers);
      const marks = [...paths.values()].map(({ mark }) => mark);
      assert.equal(paths.size, servers.length);
      assert.equal(new Set(marks).size, marks.length);
      assert.ok(marks.every(isPathMark));
      assert.ok([...paths.values()].every((path) => isOwnMark(instance, path.mark, path)));
      assert.deepEqual(givePaths(instance, servers.toReversed()), paths);
      assert.deepEqual(givePaths(instance, [...servers, ...servers]), paths);
    }),
  );
});

test('thousands of servers have different marks, of which nearly none changes when one of them goes', () => {
  const many = Array.from(
    { length: 20_000 },
    (_, number): PathEnd => ({
      family: 'inet',
      address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
      forward: 'gate',
    }),
  );
  const paths = givePaths('web.cf', many);
  assert.equal(new Set([...paths.values()].map(({ mark }) => mark)).size, many.length);
  assert.ok([...paths.values()].every((path) => isOwnMark('web.cf', path.mark, path)));
  const fewer = givePaths('web.cf', many.slice(1));
  const changed = [...fewer].filter(([key, { mark }]) => paths.get(key)?.mark !== mark);
  assert.ok(changed.length <= 1, `${changed.length} changed`);
});

test('another instance has other marks for the same server, and takes none for its own', () => {
  const end: PathEnd = { family: 'inet', address: '10.0.0.1', forward: 'gate' };
  const [one, other] = ['a.cf', 'b.cf'].map((instance) => givePaths(instance, [end]).get(pathKey(end))?.mark ?? 0);
  assert.notEqual(one, other);
  assert.equal(isOwnMark('a.cf', one ?? 0, end), true);
  assert.equal(isOwnMark('b.cf', one ?? 0, end), false);
  assert.equal(isOwnMark('a.cf', one ?? 0, { ...end, forward: 'ipip' }), false);
  assert.equal(isOwnMark('a.cf', 5, end), false);
});

test('the range is 24 bits behind an L', () => {
  assert.deepEqual([firstPathMark, firstPathMark + pathMarks - 1].map(markText), ['0x4c000000', '0x4cffffff']);
  assert.deepEqual([0x4bff_ffff, 0x4c00_0000, 0x4cff_ffff, 0x4d00_0000].map(isPathMark), [false, true, true, false]);
  assert.equal(String.fromCharCode(firstPathMark >> 24), 'L');
});
