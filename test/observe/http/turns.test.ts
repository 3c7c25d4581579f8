import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Turns } from '../../../src/observe/http/turns.js';

/** A clock that goes on by a millisecond with each step of a work, and by nothing else. */
function clocked() {
  const clock = { now: 0 };
  const told: string[] = [];
  const turns = new Turns(() => clock.now);
  const work = function* (name: string, steps: number): Generator<undefined, string> {
    for (let step = 0; step < steps; step += 1) {
      clock.now += 1;
      told.push(name);
      yield;
    }
    return name;
  };
  return { turns, told, work };
}

test('a turn of the loop has one slice of one work, and works go round', async () => {
  const { turns, told, work } = clocked();
  const done = Promise.all([turns.run(work('a', 5)), turns.run(work('b', 3)), turns.run(work('c', 1))]);
  const lengths: number[] = [];
  while (told.length < 9) {
    const before = told.length;
    await setImmediate();
    lengths.push(told.length - before);
  }
  assert.deepEqual(await done, ['a', 'b', 'c']);
  assert.equal(told.join(''), 'aabbcaaba');
  assert.ok(Math.max(...lengths) <= 2, lengths.join(' '));
});

test('short acts have a turn each, and a work that fails fails alone', async () => {
  const { turns, told, work } = clocked();
  const failing = turns.run(
    (function* () {
      yield;
      throw new Error('no more');
    })(),
  );
  turns.take(() => told.push('x'));
  turns.take(() => told.push('y'));
  const after = turns.run(work('z', 1));
  await assert.rejects(failing, /no more/);
  assert.equal(await after, 'z');
  assert.deepEqual(told, ['x', 'y', 'z']);
});

test('short works one after another share the slice of a turn, and nobody waits the longer for them', async () => {
  const { turns, told, work } = clocked();
  const inTurn = async (name: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await turns.run(work(name, 1));
  };
  const lengths: number[] = [];
  const done = inTurn('a', 6);
  while (told.length < 6) {
    const before = told.length;
    await setImmediate();
    lengths.push(told.length - before);
  }
  await done;
  assert.deepEqual(
    lengths.filter((length) => length > 0),
    [2, 2, 2],
  );
  await Promise.all([inTurn('b', 3), inTurn('c', 3)]);
  assert.match(told.slice(6).join(''), /^(bc|cb){3}$/);
});
