import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readArguments } from './arguments.js';
import { shareCores } from './machine.js';
import { catalogue, chosen } from './workloads/catalogue.js';

test('options and names are read', () => {
  const nothing = { quick: false, json: false, help: false, rounds: null, cores: null, names: [] };
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

test('what is not understood is refused by name', () => {
  assert.throws(() => readArguments(['--fast']), /--fast/);
  assert.throws(() => readArguments(['--rounds', '0']), /'0'/);
  assert.throws(() => readArguments(['--cores', 'all']), /'all'/);
});

test('a name chooses its work, a part of names all that have it, an unknown one is an error', () => {
  const works = catalogue(true);
  const names = (...wanted: string[]) => chosen(works, wanted).map(({ name }) => name);
  assert.deepEqual(names('http'), ['http']);
  assert.deepEqual(names('htt'), ['http', 'https']);
  assert.deepEqual(names('ping', 'connect'), ['connect', 'ping']);
  assert.equal(chosen(works, []), works);
  assert.throws(() => chosen(works, ['nothing']), /no work is called nothing; there are http, connect/);
});

test('every work has one name, and the same in both sizes', () => {
  const names = (quick: boolean) => catalogue(quick).map(({ name }) => name);
  assert.deepEqual(names(true), names(false));
  assert.equal(new Set(names(true)).size, names(true).length);
});

test('who checks has all processors of a small machine, all but the load’s of a larger one, or those asked for', () => {
  assert.deepEqual(shareCores([0, 1], null), { load: 1, checkers: [0, 1] });
  assert.deepEqual(shareCores([0, 1, 2, 5], null), { load: 5, checkers: [0, 1, 2] });
  assert.deepEqual(shareCores([0, 1], [0]), { load: 1, checkers: [0] });
});
