import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import { failure, usage } from '../../src/verbs/command.js';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was thrown');
}

test('whoever misuses a verb is told what is wrong, in a line, and which help to ask', () => {
  const options = { for: { type: 'string' } } as const;
  const faults: readonly (readonly [readonly string[], RegExp])[] = [
    [['--jsn'], /^ldirectord: Unknown option '--jsn'\n/],
    [['-1'], /^ldirectord: Unknown option '-1'\n/],
    [['foo'], /^ldirectord: Unexpected argument 'foo'\n/],
    [['--for'], /^ldirectord: Option '--for <value>' argument missing\n/],
    [['--for', '-3'], /^ldirectord: Option '--for' argument is ambiguous\n/],
  ];
  for (const [args, words] of faults) {
    const told = failure(
      thrownBy(() => parseArgs({ args: [...args], options })),
      'events',
    );
    assert.match(told.words, words);
    assert.match(told.words, /^[^\n]+\nTry 'ldirectord events --help'\.\n$/);
    assert.equal(told.status, 2);
  }
  assert.deepEqual(failure(usage('weight: needs SERVER and N'), 'weight'), {
    words: "ldirectord: weight: needs SERVER and N\nTry 'ldirectord weight --help'.\n",
    status: 2,
  });
  assert.match(failure(usage('no such verb'), '').words, /\nTry 'ldirectord --help'\.\n$/);
});

test('what could not be done is told as it is', () => {
  const told = failure(new Error('web.cf: cannot be read. Look again.'), 'check');
  assert.deepEqual(told, { words: 'ldirectord: web.cf: cannot be read. Look again.\n', status: 1 });
});
