import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countText } from '../../src/ipvsadm/counts.js';

test('large counts are rounded down to a unit, in columns of nine', () => {
  const texts: readonly (readonly [bigint, string])[] = [
    [0n, '        0'],
    [99_999_999n, ' 99999999'],
    [100_000_000n, '  100000K'],
    [999_999_999n, '  999999K'],
    [1_000_000_000n, '    1000M'],
    [99_999_999_999n, '   99999M'],
    [100_000_000_000n, '     100G'],
    [99_999_999_999_999n, '   99999G'],
    [100_000_000_000_000n, '     100T'],
    [2n ** 64n - 1n, '18446744T'],
  ];
  for (const [count, text] of texts) assert.equal(countText(count, false), text);
});

test('or printed in full', () => {
  assert.equal(countText(9n, true), '        9');
  assert.equal(countText(100_000_000n, true), ' 100000000');
  assert.equal(countText(2n ** 64n - 1n, true), ' 18446744073709551615');
});
