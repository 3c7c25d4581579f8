import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assumeHealth,
  type Health,
  judge,
  type Policy,
  paceOf,
  settleHealth,
  startHealth,
  streakAfter,
  type Transition,
} from '../../src/health/policy.js';
import { policyOf } from '../helpers/policy.js';

const ok = { ok: true, reason: 'connected' };
const bad = { ok: false, reason: 'connect: refused (ECONNREFUSED)' };

/** `+` is a success, `-` a failure; what each of them changed. */
function run(
  start: Health,
  answers: string,
  policy: number | Partial<Policy>,
): { health: Health; transitions: (Transition | null)[] } {
  let health = start;
  let streak = 0;
  const transitions = [...answers].map((answer) => {
    const said = answer === '+' ? ok : bad;
    streak = streakAfter(streak, said.ok);
    const judgement = judge(
      health,
      { ...said, streak },
      policyOf(typeof policy === 'number' ? { failurecount: policy } : policy),
    );
    health = judgement.health;
    return judgement.transition;
  });
  return { health, transitions };
}

test('a first result decides alone, whatever was assumed', () => {
  assert.deepEqual(run(assumeHealth(false), '+', 3).transitions, ['up']);
  assert.deepEqual(run(assumeHealth(true), '+', 3).transitions, [null]);
  assert.deepEqual(run(assumeHealth(true), '-', 3).transitions, ['down']);
  assert.deepEqual(run(assumeHealth(false), '-', 3).transitions, ['down'], 'the reason of a first failure is told');
});

test('after that it takes failurecount failures in a row', () => {
  assert.deepEqual(run(assumeHealth(true), '+--+---', 3).transitions, [
    null,
    'soft-failure',
    'soft-failure',
    'recovered',
    'soft-failure',
    'soft-failure',
    'down',
  ]);
});

test('one success brings a server back, and a server that stays down is told once', () => {
  assert.deepEqual(run(assumeHealth(false), '----+', 2).transitions, ['down', null, null, null, 'up']);
});

test('failures and the reason of the last result are kept', () => {
  const { health } = run(assumeHealth(true), '+--', 5);
  assert.deepEqual(health, { up: true, decided: true, failures: 2, successes: 0, reason: bad.reason });
});

test('a server that is not checked is settled', () => {
  assert.deepEqual(settleHealth(true, 'checktype=on'), {
    up: true,
    decided: true,
    failures: 0,
    successes: 0,
    reason: 'checktype=on',
  });
});

test('any history: down exactly after failurecount failures at its end, or one where it is the first result', () => {
  const history = fc.string({ unit: fc.constantFrom('+', '-'), minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 5 }), fc.boolean(), (answers, failurecount, up) => {
      const lastSuccess = answers.lastIndexOf('+');
      const failures = answers.length - 1 - lastSuccess;
      const expected = lastSuccess >= 0 && failures < failurecount;
      assert.equal(run(assumeHealth(up), answers, failurecount).health.up, expected);
    }),
  );
});

test('no verdict changes nothing, whatever was before', () => {
  const health = fc.record({
    up: fc.boolean(),
    decided: fc.boolean(),
    failures: fc.nat(9),
    successes: fc.nat(9),
    reason: fc.string(),
  });
  fc.assert(
    fc.property(health, fc.string(), fc.integer({ min: 1, max: 5 }), (before, reason, failurecount) => {
      assert.deepEqual(judge(before, { ok: null, reason, streak: 0 }, policyOf({ failurecount })), {
        health: before,
        transition: null,
      });
    }),
  );
});

test('it takes risecount successes in a row to come back, and a failure between them begins anew', () => {
  assert.deepEqual(run(assumeHealth(true), '+-++-+++-', { risecount: 3 }).transitions, [
    null,
    'down',
    'rising',
    'rising',
    null,
    'rising',
    'rising',
    'up',
    'down',
  ]);
  const { health } = run(assumeHealth(true), '-++', { risecount: 3 });
  assert.deepEqual(health, { up: false, decided: true, failures: 0, successes: 2, reason: bad.reason });
});

test('the first result decides alone also with risecount, but for startstate=down', () => {
  assert.deepEqual(
    run(
      startHealth(policyOf(), () => false),
      '+',
      { risecount: 3 },
    ).transitions,
    ['up'],
  );
  const down = { risecount: 3, startstate: 'down' } as const;
  const start = startHealth(policyOf(down), () => assert.fail('the table is not asked'));
  assert.deepEqual(run(start, '+++', down).transitions, ['rising', 'rising', 'up']);
  assert.deepEqual(run(start, '-', down).transitions, ['down']);
});

test('with startstate=up it takes failurecount failures from the start', () => {
  const up = { failurecount: 3, startstate: 'up' } as const;
  const start = startHealth(policyOf(up), () => assert.fail('the table is not asked'));
  assert.equal(start.up, true);
  assert.deepEqual(run(start, '---', up).transitions, ['soft-failure', 'soft-failure', 'down']);
  assert.deepEqual(run(start, '-+', up).transitions, ['soft-failure', 'recovered']);
});

test('the pace is fast between up and down, and that of those that are down only where nothing passes', () => {
  const counts = { failurecount: 3, risecount: 3 };
  const pace = (answers: string) => paceOf(run(assumeHealth(true), answers, counts).health);
  assert.deepEqual(['', '+', '+-', '+--', '+---', '+---+', '+---+++'].map(pace), [
    'fast',
    'steady',
    'fast',
    'fast',
    'down',
    'fast',
    'steady',
  ]);
});

test('any history: up exactly after risecount successes at its end, or where it was up and has not failed often enough', () => {
  const history = fc.string({ unit: fc.constantFrom('+', '-'), minLength: 1, maxLength: 40 });
  const policy = fc.record({
    failurecount: fc.integer({ min: 1, max: 4 }),
    risecount: fc.integer({ min: 1, max: 4 }),
    startstate: fc.constantFrom('table' as const, 'up' as const, 'down' as const),
  });
  fc.assert(
    fc.property(history, policy, fc.boolean(), (answers, { failurecount, risecount, startstate }, stands) => {
      // Written another way: the last run that was long enough to decide decides.
      const first = startstate === 'table';
      let expected = first ? answers.startsWith('+') : startstate === 'up';
      for (const { 0: same } of answers.matchAll(/\++|-+/g)) {
        if (same.startsWith('+') && same.length >= risecount) expected = true;
        if (same.startsWith('-') && same.length >= failurecount) expected = false;
      }
      const start = startHealth({ startstate }, () => stands);
      assert.equal(run(start, answers, { failurecount, risecount, startstate }).health.up, expected);
    }),
  );
});
