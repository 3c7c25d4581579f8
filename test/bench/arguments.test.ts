import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from './arguments.js';

test('options and names are read', () => {
  const nothing = { quick: false, json: false, help: false, against: null, rounds: null, cores: null, names: [] };
  assert.deepEqual(readArguments([]), nothing);
  assert.deepEqual(readArguments(['--quick', 'http', '--rounds', '5', '--cores', '0,2-3', '--json', 'ping']), {
    ...nothing,
    quick: true,
    json: true,
    rounds: 5,
    cores: [0, 2, 3],
    names: ['http', 'ping'],
  });
});

test('another version to compare with is named', () => {
  assert.equal(readArguments(['--against', 'HEAD~3', 'http']).against, 'HEAD~3');
});

test('what is not understood is refused by name', () => {
  assert.throws(() => readArguments(['--fast']), /--fast/);
  assert.throws(() => readArguments(['--rounds', '0']), /'0'/);
  assert.throws(() => readArguments(['--cores', 'all']), /'all'/);
});
