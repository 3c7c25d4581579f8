import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NamedContest } from '../../src/reconcile/named-contest.js';

test('three repairs may be chance; then pauses grow up to a minute, until it was in order for long', () => {
  const contest = new NamedContest(4_000);
  for (const now of [0, 10, 20]) {
    assert.equal(contest.note('a', now), false);
    assert.equal(contest.dueOf('a', now), null);
  }
  assert.equal(contest.note('a', 30), true);
  assert.equal(contest.dueOf('a', 30), 4_030);
  assert.equal(contest.dueOf('a', 4_030), null);
  assert.equal(contest.dueOf('b', 30), null);
  let now = 30;
  const pauses = Array.from({ length: 6 }, () => {
    now = contest.dueOf('a', now) ?? now;
    assert.equal(contest.note('a', now), false, 'it is told once');
    return (contest.dueOf('a', now) ?? now) - now;
  });
  assert.deepEqual(pauses, [8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  const later = now + 60_000 + 150_001;
  assert.equal(contest.note('a', later), false);
  assert.equal(contest.dueOf('a', later), null);
});
