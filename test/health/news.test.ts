import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assumeHealth, isNews as isTold, judge, remember, streakAfter, type Told } from '../../src/health/policy.js';
import { policyOf } from '../helpers/policy.js';

const good = { ok: true, reason: 'fine' };
const bad = { ok: false, reason: 'broken' };

/** After each of the results. */
function streaksOf(results: readonly { ok: boolean | null }[]): number[] {
  let streak = 0;
  return results.map(({ ok }) => {
    streak = streakAfter(streak, ok);
    return streak;
  });
}

/** Which of the results are told, a second apart. */
function told(
  results: readonly { ok: boolean | null; reason: string }[],
  failurecount: number,
  every = false,
  risecount = 1,
): boolean[] {
  let before: Told | null = null;
  const streaks = streaksOf(results);
  return results.map((result, second) => {
    const now = second * 1000;
    const isNews = every || isTold(before, result, streaks[second] ?? 0, policyOf({ failurecount, risecount }), now);
    before = remember(before, result, isNews, now);
    return isNews;
  });
}

describe('news', () => {
  it('is the first result, the failures that count, and the success after them', () => {
    assert.deepEqual(told([good, good, good], 1), [true, false, false]);
    assert.deepEqual(told([bad, bad, good, good], 1), [true, false, true, false]);
    assert.deepEqual(told([good, bad, bad, bad, bad, good], 3), [true, true, true, true, false, true]);
  });

  it('is every result where that is asked for', () => {
    assert.deepEqual(told([good, good, bad, bad], 1, true), [true, true, true, true]);
  });

  it('is another reason of a server that stays down, but not more often than every ten seconds', () => {
    const reasons = Array.from({ length: 25 }, (_, at) => ({ ok: false, reason: `reason ${at}` }));
    const seconds = told(reasons, 1).flatMap((isNews, at) => (isNews ? [at] : []));
    assert.deepEqual(seconds, [0, 10, 20]);
    assert.deepEqual(
      told(
        Array.from({ length: 25 }, () => bad),
        1,
      ).filter(Boolean).length,
      1,
    );
  });

  it('is that there is no verdict, once, and the first verdict after that', () => {
    const none = { ok: null, reason: 'no descriptor' };
    assert.deepEqual(told([none, none, good, good], 1), [true, false, true, false]);
    assert.deepEqual(told([bad, bad, none, none, bad, bad], 1), [true, false, true, false, true, false]);
    assert.deepEqual(told([good, bad, none, bad, bad], 2), [true, true, true, true, false], 'failures count on');
  });

  it('is enough: who hears only news comes to the same transitions as who hears everything', () => {
    const result = fc.record({ ok: fc.constantFrom(true, false, null), reason: fc.constantFrom('a', 'b') });
    const count = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(fc.array(result, { maxLength: 60 }), count, count, (results, failurecount, risecount) => {
        const isNews = told(results, failurecount, false, risecount);
        const streaks = streaksOf(results);
        const transitions = (heard: (at: number) => boolean) => {
          let health = assumeHealth(true);
          return results.flatMap((each, at) => {
            if (!heard(at)) return [];
            const judged = judge(health, { ...each, streak: streaks[at] ?? 0 }, policyOf({ failurecount, risecount }));
            health = judged.health;
            return judged.transition === null ? [] : [[at, judged.transition]];
          });
        };
        assert.deepEqual(
          transitions((at) => isNews[at] ?? false),
          transitions(() => true),
        );
      }),
    );
  });
});
