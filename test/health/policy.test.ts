import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  assumeHealth,
  type Health,
  judge,
  settleHealth,
  streakAfter,
  type Transition,
} from '../../src/health/policy.js';

const ok = { ok: true, reason: 'connected' };
const bad = { ok: false, reason: 'connect: refused (ECONNREFUSED)' };

/** `+` is a success, `-` a failure; what each of them changed. */
function run(
  start: Health,
  answers: string,
  failurecount: number,
): { health: Health; transitions: (Transition | null)[] } {
  let health = start;
  let streak = 0;
  const transitions = [...answers].map((answer) => {
    const said = answer === '+' ? ok : bad;
    streak = streakAfter(streak, said.ok);
    const judgement = judge(health, { ...said, streak }, { failurecount });
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
  assert.deepEqual(health, { up: true, decided: true, failures: 2, reason: bad.reason });
});

test('a server that is not checked is settled', () => {
  assert.deepEqual(settleHealth(true, 'checktype=on'), {
    up: true,
    decided: true,
    failures: 0,
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
    reason: fc.string(),
  });
  fc.assert(
    fc.property(health, fc.string(), fc.integer({ min: 1, max: 5 }), (before, reason, failurecount) => {
      assert.deepEqual(judge(before, { ok: null, reason, streak: 0 }, { failurecount }), {
        health: before,
        transition: null,
      });
    }),
  );
});
