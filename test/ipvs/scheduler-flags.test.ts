import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameSchedulerFlags, schedulerFlagBits, schedulerFlagNames } from '../../src/ipvs/scheduler-flags.js';

test('flags are called as their scheduler calls them', () => {
  const cases: [string, number, string[]][] = [
    ['wrr', 0, []],
    ['wrr', 7, ['flag-1', 'flag-2', 'flag-3']],
    ['sh', 3, ['sh-fallback', 'sh-port']],
    ['sh', 6, ['sh-port', 'flag-3']],
    ['mh', 3, ['mh-fallback', 'mh-port']],
  ];
  for (const [scheduler, bits, names] of cases) {
    assert.deepEqual(schedulerFlagNames(scheduler, bits), names);
    assert.equal(schedulerFlagBits(scheduler, names), bits);
  }
});

test('every scheduler takes the numbers, in any order and twice, and only its own names', () => {
  assert.equal(schedulerFlagBits('sh', ['flag-2', 'flag-1', 'sh-port']), 3);
  assert.equal(schedulerFlagBits('wrr', ['flag-3']), 4);
  for (const [scheduler, name] of [
    ['wrr', 'sh-port'],
    ['sh', 'mh-port'],
    ['rr', 'nonsense'],
    ['toString', 'sh-port'],
  ] as const) {
    assert.throws(() => schedulerFlagBits(scheduler, [name]), new RegExp(`${scheduler} has no flag ${name}`));
  }
});

test('lists that mean the same flags are the same', () => {
  assert.ok(sameSchedulerFlags(['sh-port', 'sh-fallback'], ['sh-fallback', 'sh-port']));
  assert.ok(sameSchedulerFlags(['flag-1'], ['sh-fallback']));
  assert.ok(sameSchedulerFlags(['mh-port', 'flag-2'], ['mh-port']));
  assert.ok(!sameSchedulerFlags(['sh-port'], ['sh-fallback']));
  assert.ok(!sameSchedulerFlags([], ['flag-3']));
  assert.ok(!sameSchedulerFlags(['nonsense'], ['nonsense', 'flag-3']));
});
