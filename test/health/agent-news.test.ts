import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isNews, remember } from '../../src/health/agent-news.js';
import { streakAfter, type Told } from '../../src/health/policy.js';
import type { ProbeAnswer } from '../../src/probes/probe.js';
import { policyOf } from '../helpers/policy.js';

/** Which of the answers are told, two seconds apart. */
function told(answers: readonly (readonly [ProbeAnswer['ok'], string])[]): number[] {
  let before: Told | null = null;
  let streak = 0;
  const found: number[] = [];
  for (const [index, [ok, reason]] of answers.entries()) {
    const now = index * 2_000;
    streak = streakAfter(streak, ok);
    const isTold = isNews(before, { ok, reason }, streak, policyOf(), now);
    before = remember(before, { ok, reason }, isTold, now);
    if (isTold) found.push(index);
  }
  return found;
}

test('the same again is not told, and other words are at once', () => {
  assert.deepEqual(told(['up', 'up', 'up', '50%', '50%', '60%', 'up'].map((said) => [true, said])), [0, 3, 5, 6]);
});

test('another reason with the same words is told now and then', () => {
  const busy = Array.from({ length: 12 }, (_, load) => [true, `50% #load ${load}`] as const);
  assert.deepEqual(told(busy), [0, 5, 10]);
});

test('that there is no answer is told once, and the first one after that', () => {
  const answers = [
    [true, 'up'],
    [false, 'refused'],
    [false, 'no answer'],
    [true, 'up'],
    [true, 'up'],
  ] as const;
  assert.deepEqual(told(answers), [0, 1, 3]);
  const hindered = [
    [true, 'up'],
    [null, 'EMFILE'],
    [null, 'ENOMEM'],
    [false, 'refused'],
    [true, 'up'],
  ] as const;
  assert.deepEqual(told(hindered), [0, 1, 3, 4]);
});
