import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hindrances } from '../../src/health/hindrances.js';

const none = (reason: string) => ({ ok: null, reason });
const good = { ok: true, reason: 'fine' };
const second = 1_000;

test('thousands of checks without a verdict are one thing to tell, and its end is another', () => {
  const hindrances = new Hindrances();
  for (let at = 0; at < 2000; at += 1) hindrances.note(`check ${at}`, none('EMFILE'), 0);
  assert.deepEqual(hindrances.changes(second), [{ reason: 'EMFILE', began: true, checks: 2000 }]);
  assert.deepEqual(
    [hindrances.count, hindrances.reasonOf('check 7'), hindrances.reasonOf('x')],
    [2000, 'EMFILE', null],
  );
  for (let at = 0; at < 2000; at += 1) {
    hindrances.note(`check ${at}`, none('EMFILE'), 2 * second);
    hindrances.note(`check ${at}`, good, 3 * second);
  }
  assert.equal(hindrances.reasonOf('check 7'), null);
  assert.deepEqual(hindrances.changes(4 * second), []);
  assert.deepEqual(hindrances.changes(60 * second), [{ reason: 'EMFILE', began: false, checks: 2000 }]);
  assert.deepEqual(hindrances.changes(61 * second), []);
});

test('a shortage that comes and goes is told once', () => {
  const hindrances = new Hindrances();
  const told = Array.from({ length: 120 }, (_, at) => {
    hindrances.note('a', at % 4 === 0 ? none('EMFILE') : good, at * second);
    return hindrances.changes(at * second);
  }).flat();
  assert.deepEqual(told, [{ reason: 'EMFILE', began: true, checks: 1 }]);
});

test('each cause is told, but not without end', () => {
  const hindrances = new Hindrances();
  for (let at = 0; at < 100; at += 1) hindrances.note(`check ${at}`, none(`odd ${at}`), 0);
  const told = hindrances.changes(second);
  assert.ok(told.length >= 2 && told.length <= 20 && told.every(({ began }) => began), `${told.length}`);
});

test('checks that are gone hinder nobody', () => {
  const hindrances = new Hindrances();
  hindrances.note('a', none('EMFILE'), 0);
  hindrances.note('b', none('EMFILE'), 0);
  hindrances.changes(0);
  hindrances.keep(new Set(['b']), second);
  assert.deepEqual([hindrances.count, hindrances.reasonOf('a')], [1, null]);
  hindrances.keep(new Set(), second);
  assert.deepEqual(
    hindrances.changes(60 * second).map(({ began }) => began),
    [false],
  );
});
