import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, type Timed } from '../../../src/ipvs/userspace/deadlines.js';
import { seeded } from '../../helpers/random.js';

const span = 100;

function entry(onExpired: () => void): Timed {
  return { earlier: null, later: null, since: -1, onExpired };
}

test('whoever has been idle for longest comes first, and is told once', () => {
  const told: string[] = [];
  const nearer: number[] = [];
  const deadlines = new Deadlines<Timed>(span, (due) => nearer.push(due));
  const [a, b, c] = ['a', 'b', 'c'].map((name) => entry(() => told.push(name)));
  assert.ok(a && b && c);
  deadlines.start(a, 0);
  deadlines.start(b, 10);
  deadlines.start(c, 20);
  assert.deepEqual(nearer, [span]);
  deadlines.start(a, 30);
  assert.equal(deadlines.first, b);
  assert.equal(deadlines.expire(109), 110);
  assert.deepEqual(told, []);
  assert.equal(deadlines.expire(120), 130);
  assert.deepEqual(told, ['b', 'c']);
  deadlines.delete(a);
  deadlines.delete(a);
  assert.equal(deadlines.expire(1_000), Number.POSITIVE_INFINITY);
  assert.deepEqual(told, ['b', 'c']);
  deadlines.start(b, 2_000);
  assert.deepEqual(nearer, [span, 2_000 + span]);
});

test('who ends others when it expires disturbs nobody', () => {
  const told: number[] = [];
  const deadlines = new Deadlines<Timed>(span, () => {});
  const all: Timed[] = Array.from({ length: 4 }, (_, index) =>
    entry(() => {
      told.push(index);
      const next = all[index + 1];
      if (index % 2 === 0 && next !== undefined) deadlines.delete(next);
    }),
  );
  for (const one of all) deadlines.start(one, 0);
  deadlines.expire(span);
  assert.deepEqual(told, [0, 2]);
});

test('through any changes it is the order of the last starts', () => {
  const random = seeded(7);
  const deadlines = new Deadlines<Timed>(span, () => {});
  const expired: number[] = [];
  const all = Array.from({ length: 20 }, (_, index) => entry(() => expired.push(index)));
  let model: number[] = [];
  for (let now = 0; now < span / 2; now++) {
    for (let change = 0; change < 4; change++) {
      const index = random(all.length);
      const one = all[index];
      assert.ok(one);
      const stands = model.includes(index);
      if (random(4) === 0) {
        deadlines.delete(one);
        model = model.filter((other) => other !== index);
      } else if (!stands || one.since !== now) {
        deadlines.start(one, now);
        model = [...model.filter((other) => other !== index), index];
      }
    }
    assert.equal(deadlines.first, model[0] === undefined ? null : all[model[0]]);
  }
  deadlines.expire(2 * span);
  assert.deepEqual(expired, model);
});
