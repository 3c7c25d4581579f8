import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksOf } from '../../src/checks/check.js';
import { countConnect, firstConnects, stageOf } from '../../src/checks/stages.js';
import { realOf, virtualOf } from '../helpers/configuration.js';

/** The stages of consecutive checks; `fails` names the turns, from 0, that fail. */
function stages(checktype: string, turns: number, fails: readonly number[] = []): string {
  const virtual = virtualOf(`virtual=192.0.2.1:80\n\treal=10.0.0.1:80 gate\n\tchecktype=${checktype}\n`);
  const check = checksOf(virtual)(realOf(virtual))?.check;
  assert.ok(check);
  let connects = firstConnects(check);
  let seen = '';
  for (let turn = 0; turn < turns; turn += 1) {
    const stage = stageOf(check, connects);
    seen += stage === 'connect' ? 'c' : 'N';
    connects = countConnect(check, stage, !fails.includes(turn), connects);
  }
  return seen;
}

test('checktype=N makes one negotiate, then N connects, then one negotiate', () => {
  assert.equal(stages('3', 10), 'NcccNcccNc');
});

test('a server is negotiated with until that succeeds, at the start and later', () => {
  assert.equal(stages('3', 6, [0, 1]), 'NNNccc');
  assert.equal(stages('1', 6, [2, 3]), 'NcNNNc');
  assert.equal(stages('3', 4, [0, 1, 2, 3]), 'NNNN');
});

test('a failed connect leads to a negotiate next', () => {
  assert.equal(stages('3', 7, [2]), 'NccNccc');
});

test('the other types ask one question only', () => {
  assert.equal(stages('connect', 3), 'ccc');
  assert.equal(stages('negotiate', 3), 'NNN');
});
