import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { type Course, courseOf, type Surroundings, type VipState } from '../../../src/directors/announce/course.js';
import type { Verdict } from '../../../src/directors/announce/vip-health.js';

const usual = { when: 'healthy', hold: 10, failStatic: false } as const;
const around: Surroundings = { isActive: true, isLeaving: false, isDownEverywhere: false };

type Rule = Parameters<typeof courseOf>[2];

/** What is announced at each second, for a verdict a second. */
function over(
  verdicts: string,
  rule: Rule = usual,
  others: Partial<Surroundings> = {},
  before: VipState | null = null,
) {
  const verdictOf: Readonly<Record<string, Verdict>> = { w: 'well', i: 'ill', o: 'open' };
  let state = before;
  return [...verdicts]
    .map((letter, second) => {
      const verdict = verdictOf[letter] ?? 'open';
      const course = courseOf(state, { verdict, why: '' }, rule, { ...around, ...others }, second * 1_000);
      state = course.state;
      return { well: 'W', ill: 'I', leaving: 'L', none: '.' }[course.announced ?? 'none'];
    })
    .join('');
}

describe('what is announced', () => {
  for (const [what, verdicts, expected, rule, others] of [
    ['up after hold, down at once', 'wwwwwwwwwwwwiwwwwwwwwwww', '..........WW...........W'],
    ['at once without hold', 'wiw', 'W.W', { hold: 0 }],
    ['not before it is known', 'ooooooooooooo', '.............'],
    ['what is not known stays as it was', 'wwwoowoiow', '..WWWWW...', { hold: 2 }],
    ['the time of hold ends where it is known to be healthy', 'woooow', '.....W', { hold: 2 }],
    ['always, whatever its health', 'owwwi', 'IIIWI', { when: 'always', hold: 2 }],
    ['down here alone', 'wi', 'W.', { hold: 0, failStatic: true }],
    ['down on all directors', 'wi', 'WI', { hold: 0, failStatic: true }, { isDownEverywhere: true }],
    ['down on all, without failstatic', 'wi', 'W.', { hold: 0 }, { isDownEverywhere: true }],
    ['handed over while healthy', 'wiw', 'L.L', { hold: 0 }, { isLeaving: true }],
    ['handed over, always', 'wi', 'LL', { hold: 0, when: 'always' }, { isLeaving: true }],
    ['passive', 'wiw', '...', { hold: 0, when: 'always' }, { isActive: false }],
  ] as readonly (readonly [string, string, string, Partial<Rule>?, Partial<Surroundings>?])[]) {
    it(what, () => assert.equal(over(verdicts, { ...usual, ...rule }, others), expected));
  }

  it('one that the run before left announced stays so, and does not wait again', () => {
    const before = { isHealthy: true, since: -100_000, isUp: true };
    assert.equal(over('ooowi', usual, {}, before), 'WWWW.');
  });

  it('one that becomes active is announced at once where it has been healthy for long', () => {
    const passive = courseOf(null, { verdict: 'well', why: '' }, usual, { ...around, isActive: false }, 0);
    const later = courseOf(passive.state, { verdict: 'well', why: '' }, usual, around, 20_000);
    assert.deepEqual([passive.announced, later.announced], [null, 'well']);
  });

  it('a longer hold withdraws nothing', () => {
    const before = { isHealthy: true, since: 0, isUp: true };
    const course = courseOf(before, { verdict: 'well', why: '' }, { ...usual, hold: 3_600 }, around, 20_000);
    assert.equal(course.announced, 'well');
  });
});

const verdict = fc.constantFrom<Verdict>('well', 'ill', 'open');
const step = fc.record({
  verdict,
  after: fc.integer({ min: -20_000, max: 20_000 }),
  isActive: fc.boolean(),
  isLeaving: fc.boolean(),
  isDownEverywhere: fc.boolean(),
});
const rules = fc.record({
  when: fc.constantFrom('healthy' as const, 'always' as const),
  hold: fc.integer({ min: 0, max: 30 }),
  failStatic: fc.boolean(),
});

test('any history, whatever the clock does: never what was not healthy once, never while passive, and it wakes when it must', () => {
  fc.assert(
    fc.property(rules, fc.array(step, { maxLength: 40 }), (rule, steps) => {
      let state: VipState | null = null;
      let now = 1_000_000;
      let [wasHealthy, wellFor] = [false, 0];
      for (const { verdict: word, after, ...surroundings } of steps) {
        now += after;
        const before: VipState | null = state;
        const course: Course = courseOf(state, { verdict: word, why: '' }, rule, surroundings, now);
        state = course.state;
        wasHealthy ||= word === 'well';
        wellFor = word === 'ill' ? 0 : wellFor + Math.max(0, after);
        const { announced, nextChange } = course;
        if (!surroundings.isActive) assert.equal(announced, null);
        if (announced === 'leaving') assert.ok(surroundings.isLeaving);
        if (announced === 'well') assert.ok(wasHealthy && word !== 'ill' && !surroundings.isLeaving);
        if (announced === 'ill')
          assert.ok(rule.when === 'always' || (rule.failStatic && surroundings.isDownEverywhere));
        if (rule.when === 'healthy' && !rule.failStatic && word === 'ill') assert.equal(announced, null);
        // Up no sooner than hold says, by a clock that goes on.
        if (state.isUp && before?.isUp !== true) assert.ok(now - state.since >= rule.hold * 1_000);
        if (nextChange === null) continue;
        assert.ok(nextChange > now && nextChange <= now + rule.hold * 1_000);
        const later = courseOf(state, { verdict: 'well', why: '' }, rule, surroundings, nextChange);
        assert.ok(later.state.isUp);
        const sooner = courseOf(state, { verdict: 'well', why: '' }, rule, surroundings, nextChange - 1);
        assert.equal(sooner.state.isUp, false);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a second service is added to an address: it is withdrawn only when its rule says so', () => {
  const up = { isHealthy: true, since: 0, isUp: true };
  for (const [word, announced] of [
    ['open', 'well'],
    ['well', 'well'],
    ['ill', null],
  ] as const) {
    assert.equal(courseOf(up, { verdict: word, why: '' }, usual, around, 60_000).announced, announced);
  }
});
