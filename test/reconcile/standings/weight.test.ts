import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Factors, growthAt, nextStep, weightOf } from '../../../src/reconcile/standings/weight.js';

const file = { from: 'file', share: 100, growth: null } as const;

test('the product is rounded up, and 0 only where a factor is', () => {
  const growth = { since: 0, seconds: 3, over: 9 };
  for (const [factors, expected] of [
    [{ base: 100 }, 100],
    [{ base: 100, share: 50 }, 50],
    [{ base: 3, share: 50 }, 2],
    [{ base: 1, share: 1 }, 1],
    [{ base: 100, share: 101 }, 101],
    [{ base: 0, share: 50 }, 0],
    [{ base: 100, share: 0 }, 0],
    // A tenth, and a third of the nine tenths that are left.
    [{ base: 100, growth }, 40],
    [{ base: 100, growth: { ...growth, seconds: 0 } }, 10],
    [{ base: 1, growth: { ...growth, seconds: 0 } }, 1],
    [{ base: 100, share: 50, growth }, 20],
    [{ base: 60_000, share: 200 }, 65_535],
  ] as readonly (readonly [Partial<Factors>, number])[]) {
    assert.equal(weightOf({ ...file, base: 1, ...factors }), expected, JSON.stringify(factors));
  }
});

test('growth goes on at full seconds, and a clock that was set back begins anew', () => {
  assert.deepEqual(growthAt(1_700, 30, 1_900), { since: 1_700, seconds: 0, over: 30 });
  assert.deepEqual(growthAt(1_700, 30, 2_000), { since: 1_700, seconds: 1, over: 30 });
  assert.equal(growthAt(1_700, 30, 31_000), null);
  assert.deepEqual(growthAt(1_700, 30, 500), { since: 500, seconds: 0, over: 30 });
});

test('each step comes when it is said to, not before, and the weight only grows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 0, max: 200 }),
      fc.nat(10_000),
      (base, over, share, since) => {
        const at = (now: number): Factors => ({ base, from: 'file', share, growth: growthAt(since, over, now) });
        let now = since;
        for (;;) {
          const factors = at(now);
          const { growth } = factors;
          if (growth === null) break;
          const next = nextStep({ ...factors, growth });
          assert.ok(next > now && next % 1000 === 0);
          assert.equal(weightOf(at(next - 1)), weightOf(factors));
          assert.ok(weightOf(at(next)) >= weightOf(factors));
          now = next;
        }
        assert.equal(weightOf(at(now)), weightOf({ base, from: 'file', share, growth: null }));
        assert.ok(now - since <= over * 1000 && now > since + (over - 1) * 1000 - 1000);
      },
    ),
  );
});
